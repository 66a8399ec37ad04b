# Moves the working tree for a push, in place of what git does by itself: it refuses ignored files in the way, which git would
# overwrite, and moves only what differs between the commit that the push was planned on and the new one, so that what
# the agent has committed in between stays in its files. Says in a line on stderr why it refuses.
refuse() {
	printf 'homeport-refused %s\n' "$*" >&2
	exit 1
}
soh=$(printf '\001')
lines_of_nul() { tr '\n\0' '\001\n'; }
# git calls for any working tree that has the branch by now; only the one that the push was planned for is moved.
[ -n "$HP_CHECKOUT" ] && [ "$(cd "$GIT_DIR" && pwd -P)" = "$real_git_dir" ] || refuse checked-out
cd "$HP_WORKSPACE" || refuse other the folder is gone
export GIT_DIR="$real_git_dir" GIT_WORK_TREE="$HP_WORKSPACE"
[ "$1" = "$HP_NEW" ] || refuse other another commit came than was announced
[ -z "$(progress_of "$real_git_dir")" ] || refuse busy "$(progress_of "$real_git_dir")"
old=${HP_OLD:-$(empty_tree)}
filtered=$(git diff-tree -r -z --name-only --no-renames --diff-filter=d "$old" "$1" | git check-attr -z --stdin filter | tr '\n\0' '\001\n' |
	awk 'NR % 3 == 1 { path = $0 } NR % 3 == 0 && $0 != "unspecified" && $0 != "unset" { print path; exit }')
[ -z "$filtered" ] || refuse filters "$filtered"
rounds=0
while :; do
	git update-index -q --ignore-submodules --refresh >/dev/null 2>&1
	if [ $? -lt 128 ]; then
		git diff-files --quiet --ignore-submodules -- || refuse unstaged
		git diff-index --quiet --cached --ignore-submodules "$old" -- || refuse staged
		way=$(git diff-tree -r -z --name-only --no-renames --diff-filter=A "$old" "$1" | lines_of_nul | in_the_way | head -n 1)
		[ -z "$way" ] || refuse untracked "$way"
		printf '%s %s %s\n' "$HP_REF" "${HP_OLD:--}" "$1" >"$HP_MOVING" || refuse other the private folder cannot be written to
		said=$(git read-tree -m -u "$old" "$1" 2>&1) && exit 0
		case "$said" in
		*index.lock*) rm -f "$HP_MOVING" ;;
		*"would be overwritten"*) rm -f "$HP_MOVING"; refuse untracked "$(printf '%s\n' "$said" | sed -n "s/.*file '\(.*\)' would be.*/\1/p; s/^error: Entry '\(.*\)' .*/\1/p" | head -n 1)" ;;
		*"not uptodate"*) rm -f "$HP_MOVING"; refuse unstaged ;;
		*) refuse other "$(printf '%s' "$said" | tr '\n' ' ' | cut -c 1-500)" ;;
		esac
	elif [ ! -e "$real_git_dir/index.lock" ] && [ "$rounds" -gt 2 ]; then
		refuse other the index cannot be written
	fi
	rounds=$((rounds + 1))
	[ "$rounds" -lt 15 ] || refuse locked
	nap
done
