# Takes one push from home; git's own protocol stands on stdin and stdout. Stands after open.sh and parts.sh.
#
# In:  HP_REF HP_OLD HP_NEW HP_CHECKOUT HP_FORCE HP_HOOK HP_RUN
[ -O "$common_dir/objects" ] && [ -O "$common_dir/refs" ] && [ -O "$real_git_dir/HEAD" ] ||
	fail session-not-owned "the repository belongs to another user than the one that commands run as"
find_private || fail session-damaged "there is no private folder to write to in the session"
wait_for_push || fail session-busy "another push is at work there"
run=$private/push.$$.$HP_RUN
mkdir -m 700 "$run" "$run/hooks" || fail session-damaged "the private folder cannot be written to"
trap 'rm -rf "$run"; rm -f "$private/pushing"' EXIT
trap 'exit 1' HUP INT TERM
echo "$$" >"$private/pushing"
finish_move

# What the plan counted on, once more.
held=$(held_branches)
at_rest=$(progress_of "$real_git_dir")
case "
$held
" in
*"
elsewhere $HP_REF
"*) fail refused "checked-out" ;;
*"
returns $HP_REF
"*) fail refused "busy a rebase or bisect" ;;
*"
here $HP_REF
"*)
	[ -n "$HP_CHECKOUT" ] || fail refused "checked-out"
	[ -z "$at_rest" ] || fail refused "busy $at_rest"
	;;
*) [ -z "$HP_CHECKOUT" ] || fail refused "switched" ;;
esac

# The one hook that runs is ours.
printf '#!/bin/sh\n%s\n' "$HP_HOOK" >"$run/hooks/push-to-checkout" && chmod 700 "$run/hooks/push-to-checkout" ||
	fail session-damaged "the private folder cannot be written to"
# Where nothing can be run from the private folder, git would move the files by itself.
[ -z "$HP_CHECKOUT" ] || [ -x "$run/hooks/push-to-checkout" ] || fail refused "busy"
export HP_MOVING="$private/moving" real_git_dir
unset HP_HOOK
override core.hooksPath "$run/hooks"
override core.bare "$bare"
override core.logAllRefUpdates true
override core.untrackedCache false
override core.safecrlf false
override core.gitProxy ''
override core.alternateRefsCommand true
override gpg.program false
override gpg.ssh.program false
override gpg.x509.program false
override gc.auto 0
override maintenance.auto false
override receive.autogc false
override receive.fsckObjects true
override receive.unpackLimit 1
override receive.maxInputSize 0
override receive.denyCurrentBranch updateInstead
override receive.denyDeleteCurrent refuse
override receive.advertiseAtomic true
override receive.advertisePushOptions false
override receive.updateServerInfo false
override receive.shallowUpdate false
override receive.hideRefs '!refs/heads'
override transfer.hideRefs '!refs/heads'
override receive.denyDeletes "$([ -n "$HP_NEW" ] && echo true || echo false)"
override receive.denyNonFastForwards "$([ -n "$HP_FORCE" ] && echo false || echo true)"
export GIT_COMMITTER_NAME=Homeport GIT_COMMITTER_EMAIL=homeport@localhost GIT_REFLOG_ACTION=homeport

# Who reads may go at any time, and git must not die of it half way.
{ git receive-pack "$real_git_dir" 2>"$run/stderr"; echo $? >"$run/status"; } | { cat; cat >/dev/null; }
finish_move
tail -c 8192 "$run/stderr" >&2
exit "$(cat "$run/status")"
