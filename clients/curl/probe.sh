#!/bin/sh
# Each probe has a file NAME.json with its body, and a line "NAME URL" on standard input. Writes what arrives to NAME.out and prints one
# line of JSON for each probe, with the status and curl's own exit code.
while read -r name url; do
  status=$(curl -sS -N --noproxy '*' --max-time 30 -o "$name.out" -w '%{http_code}' \
    -H 'content-type: application/json' -H 'anthropic-version: 2023-06-01' -K curl.headers \
    --data-binary "@$name.json" "$url/v1/messages" 2>"$name.err")
  printf '{"probe":"%s","status":%d,"exit":%d}\n' "$name" "$status" "$?"
done
