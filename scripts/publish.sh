#!/usr/bin/env bash
# Publishes the command line as one self-contained file, artifacts/stemma, and proves that it works alone:
# it is small enough, and trains and generates in an empty folder with no .NET on the path.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=$((30 * 1000 * 1000))
out="$PWD/artifacts"
rid="${1:-$(dotnet --info | sed -n 's/^ *RID: *//p' | head -n 1)}"
name=stemma
built=Stemma.Cli
case "$rid" in win*) name=stemma.exe built=Stemma.Cli.exe ;; esac

rm -rf "$out/publish"
dotnet publish src/Stemma.Cli -c Release -r "$rid" --self-contained -o "$out/publish" --nologo -v quiet \
  -p:PublishSingleFile=true -p:PublishTrimmed=true -p:PublishReadyToRun=true -p:DebugType=none
mv "$out/publish/$built" "$out/$name"
rm -rf "$out/publish"

size=$(wc -c < "$out/$name")
echo "$out/$name: $size bytes for $rid"
if [ "$size" -gt "$limit" ]; then
  echo "That is more than $limit bytes." >&2
  exit 1
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
for i in $(seq 1 400); do
  echo "Line $i tells that the river runs under $((i * 7 % 13)) bridges and past $((i * 5 % 11)) mills."
done > "$work/text.txt"
cp "$out/$name" "$work/$name"
cd "$work"
alone() { env -i PATH=/nonexistent HOME="$work/home" TMPDIR="$work" "$work/$name" "$@"; }

alone train --data text.txt --tokenizer char --preset cpu --steps 30 --out run --json > metrics.jsonl
tail -n 1 metrics.jsonl
grep -q '"finished":true' metrics.jsonl
alone generate run --prompt "Line 7 tells " --max-tokens 40 --seed 1 > generated.txt
cat generated.txt
[ "$(wc -c < generated.txt)" -gt 50 ]
alone eval run --json
if alone train --data nowhere.txt 2> error.txt; then exit 1; else [ $? -eq 2 ]; fi
cat error.txt
echo "Works alone."
