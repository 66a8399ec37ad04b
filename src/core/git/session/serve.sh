# Serves the session's branches, and HEAD, to a git that fetches; git's own protocol stands on stdin and stdout. Stands after
# open.sh, and writes nothing.
#
# In:  HP_ONE_BRANCH HP_LEVEL
unset GIT_WORK_TREE
export GIT_PROTOCOL=version=2
override transfer.hideRefs refs
if [ -n "${HP_ONE_BRANCH:-}" ]; then
	first=; read -r first <"$real_git_dir/HEAD"
	case "$first" in "ref: refs/heads/"*) override transfer.hideRefs "!${first#ref: }" ;; esac
else
	override transfer.hideRefs '!refs/heads'
fi
override core.bigFileThreshold 1m
override core.compression "$HP_LEVEL"
override pack.compression "$HP_LEVEL"
override pack.window 10
override pack.depth 50
override pack.threads 2
exec git upload-pack --strict "$real_git_dir"
