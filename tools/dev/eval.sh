#!/usr/bin/env bash
# eval [--data DIR]: error rates of the product's own pipeline on folders of research photos; rewrites the figures in
# docs/ACCURACY.md, docs/pictures/accuracy-*.svg and the baseline of the accuracy gate. DIR (else FACEAUTH_DATA, else
# ../shared/data beside the checkout) is laid out as docs/ACCURACY.md says; what is not there is left out and said so.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
data=${FACEAUTH_DATA:-$FACEAUTH_ROOT/../shared/data}
while [ $# -gt 0 ]; do
  if [ "$1" != --data ] || [ $# -lt 2 ]; then die 2 "usage: ./dev eval [--data DIR]"; fi
  data=$2
  shift 2
done
bash "$FACEAUTH_ROOT/tools/dev/setup.sh" --for build,eval
build_preset release faceauth-eval accuracy_gate
cd "$FACEAUTH_ROOT"
results=build/eval
mkdir -p "$results" docs/pictures
rm -f "$results"/*.json

# measure NAME VERB PATH [OPTION...]: PATH is relative to the data, where the program runs: the pictures carry it as their
# title. The figures land in build/eval/NAME.json.
measure() {
  local name=$1 verb=$2 path=$3
  shift 3
  if [ ! -e "$data/$path" ]; then
    say "$name: left out, $data has no $path"
    return
  fi
  say "$name"
  (cd "$data" && "$FACEAUTH_ROOT/build/tests/accuracy/faceauth-eval" "$verb" "$path" --json "$@") >"$results/$name.json.part"
  mv "$results/$name.json.part" "$results/$name.json"
}

if [ -d "$data" ]; then
  for templates in 5 3 1; do
    for half in all report; do
      measure "attempts-lfw-$templates-$half" attempts lfw --templates "$templates" --frames 3 --half "$half"
      measure "attempts-nuaa-$templates-$half" attempts nuaa/real --templates "$templates" --frames 3 --half "$half"
    done
  done
  measure attempts-lfw-5-one-frame attempts lfw --templates 5 --frames 1
  measure attempts-nuaa-5-one-frame attempts nuaa/real --templates 5 --frames 1
  for set in lfw nuaa/real frl_london; do
    name=${set%%/*}
    measure "gallery-$name" gallery "$set" --plot "$FACEAUTH_ROOT/docs/pictures/accuracy-${name%%_*}.svg"
  done
  for list in lfw_official frl nuaa; do measure "pairs-$list" pairs "pairs_$list.csv" --root .; done
  for damage in none light-25 light-15 blur-2 roll-30 grey face-60; do
    measure "degraded-lfw-$damage" attempts lfw --at-least 8 --degrade "$damage"
    measure "degraded-nuaa-$damage" attempts nuaa/real --degrade "$damage"
  done
  measure enrolment-noface enrolment noface
  measure enrolment-multi enrolment multi
  for set in nuaa video replay_crops; do
    measure "liveness-$set" liveness "$set" --plot "$FACEAUTH_ROOT/docs/pictures/accuracy-liveness-$set.svg"
  done
  for set in lfw nuaa/real frl_london; do measure "attention-${set%%/*}" attention "$set"; done
  for half in fit report; do
    measure "attention-labels-$half" attention . --labels "$FACEAUTH_ROOT/tests/accuracy/eyes.csv" --half "$half"
  done
  python3 tools/dev/accuracy_tables.py "$results" docs/ACCURACY.md
  FACEAUTH_DATA=$data FACEAUTH_NEW_BASELINE=$FACEAUTH_ROOT/tests/accuracy/baseline.json \
    build/tests/accuracy/accuracy_gate --gtest_brief=1
  say "figures: $results; docs/ACCURACY.md, its pictures and tests/accuracy/baseline.json are up to date"
else
  say "$data is not there: only the gate on the fetched photos runs (--data DIR, or FACEAUTH_DATA)"
  build/tests/accuracy/accuracy_gate --gtest_brief=1
fi
