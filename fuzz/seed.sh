#!/bin/sh
# Fills fuzz/corpus/<target> with small files: the app's samples, and the collection of real files where it lies
# beside the repository (or where SPANSCOPE_SHARED says). What the search found before stays.
set -eu
cd "$(dirname "$0")"
shared=${SPANSCOPE_SHARED:-../../shared}
seed() {
    target=$1
    shift
    mkdir -p "corpus/$target"
    for file in "$@"; do
        if [ -f "$file" ]; then
            head -c 16384 "$file" > "corpus/$target/$(basename "$(dirname "$file")")-$(basename "$file")"
        fi
    done
}
t=$shared/traces
seed otlp_json ../public/samples/*.json "$t"/otlp-json/* "$t"/tempo-json/* "$t"/jaeger-v3-json/* "$shared"/fixtures/otlp/traces/a*.json "$shared"/fixtures/tempo/traces/v[12]-asyncio.json
seed otlp_proto "$t"/otlp-proto/* "$shared"/fixtures/otlp/raw/* "$shared"/fixtures/tempo/traces/*.pb
seed jaeger_json "$t"/jaeger-json/* "$t"/jaeger-es/* "$t"/jaeger-model-json/*
seed zipkin_json "$t"/zipkin-v1/* "$t"/zipkin-v2/*
seed zipkin_proto seeds/zipkin_proto/*
seed chrome "$t"/chrome/*.json
seed console seeds/console/*
seed grafana "$t"/grafana-frame/*
seed containers "$t"/containers/* "$t"/chrome/*.gz seeds/containers/*
seed text "$t"/containers/*utf* "$t"/otlp-json/*malformed* "$t"/csv/* ../public/samples/c*.json
