#!/bin/sh
# Runs targets for some time each and prints what became of them: fuzz/run.sh SECONDS TARGET…
set -eu
cd "$(dirname "$0")"
seconds=$1
shift
for target in "$@"; do
    mkdir -p "corpus/$target" logs
    status=0
    nice cargo +nightly fuzz run --fuzz-dir . "$target" -- -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -max_len=8192 -dict="dictionaries/$target.dict" -print_final_stats=1 > "logs/$target.log" 2>&1 || status=$?
    echo "$target: status $status, $(grep -oE 'cov: [0-9]+' "logs/$target.log" | tail -1)," \
        "$(grep -E 'number_of_executed_units' "logs/$target.log" | grep -oE '[0-9]+') inputs"
done
