#!/usr/bin/env bash
# Kills `stemma data build` (SIGKILL) at random moments, goes on each time, and compares every file with that of a build never
# stopped: the shards, the lists of their documents, the tokenizer, the report and the manifest, all but the timings.
#   scripts/kill-and-resume-data.sh [kills] [file of lines, in place of dotnet-docs]
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-10}
input="{ \"path\": \"${2:-dotnet-docs}\"${2:+, \"format\": { \"kind\": \"lines\" \}} }"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -f src/Stemma.Cli/bin/Release/net10.0/Stemma.Cli.dll ] || dotnet build -c Release src/Stemma.Cli >/dev/null
stemma() { dotnet src/Stemma.Cli/bin/Release/net10.0/Stemma.Cli.dll "$@" 2>>"$work/errors"; }
cat > "$work/recipe.json" <<R
{
  "inputs": [$input],
  "steps": [
    { "kind": "normalize" }, { "kind": "language" }, { "kind": "quality", "rules": ["gopher_word_length", "gopher_symbols"] },
    { "kind": "personal_data" }, { "kind": "exact_duplicates" }, { "kind": "near_duplicates" }, { "kind": "repeated_substrings" }
  ],
  "tokenizer": { "kind": "bpe", "vocab_size": 2048 },
  "shards": { "part_bytes": 200000, "text_bytes": 1000000 }
}
R
build() { stemma data build "$work/recipe.json" --out "$1" --json >/dev/null; }
hashes() { (cd "$1" && find . -type f ! -name timings.json | sort | xargs sha256sum); }

started=$(date +%s%N)
build "$work/whole"
whole=$((($(date +%s%N) - started) / 1000000))
echo "A build never stopped: $whole ms"

done_kills=0
while [ "$done_kills" -lt "$kills" ]; do
  rm -rf "$work/killed"
  while true; do
    build "$work/killed" &
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
  diff <(hashes "$work/whole") <(hashes "$work/killed")
  echo "The same bytes after $done_kills kills"
done
