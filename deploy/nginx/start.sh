#!/bin/sh
# Chooses the configuration by TLS_ENABLED, checks it, and becomes nginx.
# Paths are variables only so that the same script can be tried outside of the container.
set -eu

here=${DEPLOY_DIR:-/deploy}
target=${CONFIG_DIR:-/tmp/nginx}
certs=${CERT_DIR:-$here/certs}
upstream=${UPSTREAM:-rag-gateway:8000}
# In a container Docker's own name server; asked again, so that a replaced web container is found at its new address.
resolver=${RESOLVER:-127.0.0.11}

case "$(printf %s "${TLS_ENABLED:-0}" | tr '[:upper:]' '[:lower:]')" in
    1 | true | yes | on) site=https ;;
    0 | false | no | off | '') site=http ;;
    *)
        echo "nginx: TLS_ENABLED must be 1 or 0" >&2
        exit 2
        ;;
esac
if [ "$site" = https ]; then
    for file in tls.crt tls.key; do
        if [ ! -r "$certs/$file" ]; then
            echo "nginx: TLS_ENABLED=1 needs deploy/nginx/certs/$file, readable by uid 101" >&2
            exit 2
        fi
    done
fi

mkdir -p "$target"
for name in nginx proxy "$site"; do
    sed -e "s#@TARGET@#$target#g" -e "s#@SITE@#$site#g" -e "s#@CERTS@#$certs#g" \
        -e "s#@UPSTREAM@#$upstream#g" -e "s#@RESOLVER@#$resolver#g" \
        "$here/$name.conf.template" >"$target/$name.conf"
done

nginx -t -q -c "$target/nginx.conf"
[ "${1:-}" = --check ] && exit 0
exec nginx -c "$target/nginx.conf" -g 'daemon off;'
