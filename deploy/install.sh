#!/bin/sh
# Installs this checkout for systemd; see help below.
set -eu

help() {
  cat <<'END'
Usage: deploy/install.sh [--dry-run] hub
       deploy/install.sh [--dry-run] agent NAME…
       deploy/install.sh rollback

Installs this checkout for systemd, as root, and says what it does:

  /opt/ai-comms/releases/ID   a copy of the code with its dependencies and the
                              Node that it runs on; ID comes from its content
  /opt/ai-comms/current       the release that runs; previous is the one before,
                              and older ones are removed
  /etc/systemd/system         ai-comms-hub.service, ai-comms-agent@.service
  /usr/local/bin/ai-comms     the commands of what runs, such as "ai-comms hub token list"
  /etc/ai-comms/.env          the hub's secrets and settings (hub)
  /etc/ai-comms/.env.NAME     the settings of an agent (agent NAME)

Safe to run twice: what is there is left as it is, and env files are never
touched. It starts, stops and restarts nothing; the last lines say what to run.

  rollback        puts the release before in the place of the current one
  --dry-run       only says what would be done
  DESTDIR=FOLDER  puts everything below FOLDER, and leaves systemd alone
END
}

fail() {
  echo "$1" >&2
  exit 1
}

dry=
while :; do
  case "${1-}" in
    --dry-run) dry=yes ;;
    -h | --help)
      help
      exit 0
      ;;
    -*) fail "Unknown option $1 (see --help)." ;;
    *) break ;;
  esac
  shift
done
role=${1-}
[ $# -eq 0 ] || shift
case "$role" in
  hub | rollback) [ $# -eq 0 ] || fail "$role takes nothing more (see --help)." ;;
  agent) [ $# -gt 0 ] || fail "Name the agents: deploy/install.sh agent atlas nova (see --help)." ;;
  *) fail "Say what to install: hub, or agent NAME (see --help)." ;;
esac
for name in "$@"; do
  # Part of the name of a unit, a user and a file
  case "$name" in
    example | *[!a-z0-9-]* | -* | ??????????????????????*)
      fail "\"$name\" cannot be: a name here is at most 21 small letters, digits and -, with a letter or digit first; AGENT_NAME may be any."
      ;;
  esac
done

source=$(cd "$(dirname "$0")/.." && pwd)
root=${DESTDIR-}
opt=$root/opt/ai-comms
etc=$root/etc/ai-comms
code='package.json pnpm-lock.yaml pnpm-workspace.yaml LICENSE .env.example shared hub agent deploy'
umask 022

# say SENTENCE; then what it says is done, unless nothing is to be done
say() { echo "${dry:+Would: }$1"; }
# An if, since after || a step of a function could fail unseen
act() { if [ -z "$dry" ]; then "$@"; fi; }

pack() {
  # shellcheck disable=SC2086
  tar -C "$source" --exclude=node_modules --exclude='*.test.ts' --exclude=test-support --exclude=vectors \
    --exclude='*/.*' --exclude=agent/scripts --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -c $code
}

point() { # LINK ID: in one step, so that whoever starts meanwhile finds one or the other
  ln -sfn "releases/$2" "$opt/$1.new"
  mv -fT "$opt/$1.new" "$opt/$1"
}

read_link() { basename "$(readlink "$opt/$1" 2>/dev/null || true)"; }

bring_node() {
  mkdir runtime/bin
  if [ "$("$opt/current/runtime/bin/node" --version 2>/dev/null)" = "v$node" ]; then
    ln "$opt/current/runtime/bin/node" runtime/bin/node
    return
  fi
  npm install --silent --no-save --no-audit --no-fund --prefix runtime "node-linux-$arch@$node"
  mv "runtime/node_modules/node-linux-$arch/bin/node" runtime/bin/node
  rm -r runtime/node_modules
}

build_release() {
  command -v npm >/dev/null || fail 'npm is missing: apt-get install npm'
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) fail "There is no Node for $(uname -m) here; x86_64 and aarch64 are known." ;;
  esac
  node=$(sed -n 's/^  node: \([0-9.]*\)$/\1/p' "$source/pnpm-workspace.yaml")
  rm -rf "$opt/releases/$id.part"
  mkdir -p "$opt/releases/$id.part/runtime"
  pack | tar -x -C "$opt/releases/$id.part"
  (
    cd "$opt/releases/$id.part"
    bring_node
    npx --yes pnpm@12 install --prod --frozen-lockfile --filter @ai-comms/hub... --filter @ai-comms/agent... \
      >install.log 2>&1 || fail "The dependencies cannot be installed: $(cat install.log)"
  )
  mv "$opt/releases/$id.part" "$opt/releases/$id"
}

install_release() {
  id=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$source/package.json")-$(pack | sha256sum | cut -c 1-12)
  if [ -d "$opt/releases/$id" ]; then
    echo "Kept release $id"
  else
    say "Build release $id"
    act build_release
  fi
  current=$(read_link current)
  if [ "$current" = "$id" ]; then
    echo "Kept current: $id"
    return
  fi
  say "Make it current${current:+, and $current previous}"
  if [ -n "$current" ]; then act point previous "$current"; fi
  act point current "$id"
  for old in "$opt"/releases/*; do
    case "$(basename "$old")" in
      "$id" | "$current" | '*') ;;
      *)
        say "Remove release $(basename "$old")"
        act rm -rf "$old"
        ;;
    esac
  done
}

copy() { # FILE TARGET MODE
  if cmp -s "$1" "$2"; then
    echo "Kept ${2#"$root"}"
  else
    say "Write ${2#"$root"}"
    act install -D -m "$3" "$1" "$2"
    changed=yes
  fi
}

write_private() { # TARGET: from the standard input, whole or not at all, and only where nothing is
  (umask 077 && cat >"$1.part" && ln "$1.part" "$1" && rm "$1.part")
}

make_hub_file() {
  folder=$(mktemp -d)
  "$opt/current/runtime/bin/node" "$opt/current/hub/src/main.ts" init --dir "$folder" >/dev/null
  {
    cat "$folder/.env"
    printf '\n# Reached through a proxy on this machine (deploy/Caddyfile, deploy/nginx.conf), and by nobody else\n'
    printf 'HUB_HOST=127.0.0.1\nHUB_TRUST_PROXY=127.0.0.1\n'
  } | write_private "$etc/.env"
  rm -r "$folder"
}

value_of() { sed -n "s/^$1=//p" "$etc/.env" 2>/dev/null || true; }

make_agent_file() { # NAME
  used=$(cat "$etc"/.env.* 2>/dev/null | sed -n 's/^HEALTH_PORT=\([0-9]*\)$/\1/p' | sort -n | tail -n 1)
  write_private "$etc/.env.$1" <<END
# The agent $1; .env.example in /opt/ai-comms/current explains every variable
AGENT_NAME=$1
# The hub, and its HUB_SECRET or a token: "ai-comms hub token issue --name $1 --scope agent" where the hub is
AGENT_HUB_URL=http://127.0.0.1:8090
AGENT_HUB_SECRET=$(value_of HUB_SECRET)
# The same for all agents that talk with each other
SECURITY_AGENT_SECRET=$(value_of SECURITY_AGENT_SECRET)
SECURITY_ENCRYPTION_KEY=$(value_of SECURITY_ENCRYPTION_KEY)
HEALTH_PORT=$((${used:-9090} + 1))
# Who answers: a key, or AI_PROVIDER=ollama for a model of this machine
#OPENAI_API_KEY=
END
}

make_env_file() { # TARGET COMMAND…
  target=$1
  shift
  if [ -e "$target" ]; then
    echo "Kept ${target#"$root"}"
  else
    say "Write ${target#"$root"} (0600)"
    act mkdir -p -m 755 "$etc"
    act "$@"
  fi
}

reload() {
  if [ -n "$changed" ] && [ -z "$root" ] && [ -d /run/systemd/system ]; then
    say 'Let systemd read its units again'
    act systemctl daemon-reload
  fi
}

if [ "$role" = rollback ]; then
  current=$(read_link current) previous=$(read_link previous)
  [ -n "$previous" ] || fail 'There is no release before the current one.'
  say "Make $previous current, and $current previous"
  act point current "$previous"
  act point previous "$current"
  echo 'To run it: systemctl restart "ai-comms-*"'
  exit 0
fi

changed=
install_release
units=$root/etc/systemd/system
copy "$source/deploy/systemd/ai-comms" "$root/usr/local/bin/ai-comms" 755
copy "$source/deploy/systemd/ai-comms-hub.service" "$units/ai-comms-hub.service" 644
copy "$source/deploy/systemd/ai-comms-agent@.service" "$units/ai-comms-agent@.service" 644
if [ "$role" = hub ]; then
  make_env_file "$etc/.env" make_hub_file
  reload
  echo 'To run it: systemctl enable --now ai-comms-hub; after an update: systemctl restart ai-comms-hub'
else
  for name in "$@"; do make_env_file "$etc/.env.$name" make_agent_file "$name"; done
  reload
  for name in "$@"; do
    echo "To run it: fill in /etc/ai-comms/.env.$name, then systemctl enable --now ai-comms-agent@$name"
  done
  echo 'After an update: systemctl restart "ai-comms-agent@*"'
fi
