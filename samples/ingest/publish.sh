#!/usr/bin/env bash
# Publishes through Redis:  publish.sh USER KEY TITLE     REDIS=host:port, password in REDISCLI_AUTH
set -euo pipefail
redis=${REDIS:-127.0.0.1:6379}
title=${3//\\/\\\\}
title=${title//\"/\\\"}
redis-cli -e -h "${redis%:*}" -p "${redis##*:}" \
    XADD 'inbox-in:{default}:0' '*' user "$1" key "$2" notification "{\"type\":\"comment.created\",\"title\":\"$title\"}"
