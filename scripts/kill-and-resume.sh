#!/usr/bin/env bash
# Kills a training run (SIGKILL) at random moments, resumes it each time, and compares the result with that of a run never
# stopped: the metrics but for timings, and every byte of the weights and of the optimizer's state.
#   scripts/kill-and-resume.sh [kills] [text file]
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
text=${2:-$work/text.txt}
[ $# -ge 2 ] || for i in $(seq 4000); do echo "Line $((i * 7919 % 4001)) of a text that is $((i % 13)) parts rule and $((i * i % 7)) parts noise."; done > "$text"
[ -f src/Stemma.Cli/bin/Release/net10.0/Stemma.Cli.dll ] || dotnet build -c Release src/Stemma.Cli >/dev/null
stemma() { dotnet src/Stemma.Cli/bin/Release/net10.0/Stemma.Cli.dll "$@" 2>>"$work/errors"; }
train() { stemma train --data "$text" --tokenizer char --preset cpu --steps 300 --set evaluation_interval=20 --set model.dropout=0.1 --seed 3 --json --out "$1" >/dev/null; }

started=$(date +%s%N)
train "$work/whole"
whole=$((($(date +%s%N) - started) / 1000000))
echo "A run never stopped: 300 steps in $whole ms"

done_kills=0
rounds=0
while [ "$done_kills" -lt "$kills" ]; do
  rounds=$((rounds + 1))
  rm -rf "$work/killed"
  first=true
  while true; do
    if $first || [ ! -f "$work/killed/run.json" ]; then rm -rf "$work/killed"; train "$work/killed" & else stemma train --resume "$work/killed" --json >/dev/null & fi
    first=false
    pid=$!
    # Anywhere from before the first file is written to after the last.
    sleep "$(awk -v r=$RANDOM -v w="$whole" 'BEGIN { printf "%.3f", r / 32768 * w / 1000 }')"
    child=$(pgrep -P "$pid" || echo "$pid")
    if [ "$done_kills" -lt "$kills" ] && kill -9 $child 2>/dev/null; then
      done_kills=$((done_kills + 1))
      wait "$pid" 2>/dev/null || true
    else
      wait "$pid" && break || { cat "$work/errors"; exit 1; }
    fi
  done
  timeless() { sed -E 's/"(milliseconds|tokens_per_second|model_flop_utilisation)":[^,}]*/"\1":0/g' "$1/metrics.jsonl"; }
  cmp <(timeless "$work/whole") <(timeless "$work/killed")
  for file in model.safetensors optimizer.safetensors config.json tokenizer.json state.json; do cmp "$work/whole/$file" "$work/killed/$file"; done
  [ -z "$(find "$work/killed" -name '*.tmp')" ] || { echo "temporary files were left behind"; find "$work/killed" -name '*.tmp'; exit 1; }
  echo "Round $rounds: the same metrics and the same bytes after $done_kills kills"
done
echo "$done_kills kills, $rounds runs: all equal to the run never stopped"
