# Looks at where a push would go, or has gone. Stands after open.sh and parts.sh; what a push of ours left half done is ended
# first. Reads from stdin the paths that come new to the working tree, each ended by NUL.
#
# In:  HP_REF HP_OLD HP_NEW
override core.safecrlf false
override core.untrackedCache false
if find_private; then
	wait_for_push || fail session-busy "another push is at work there"
	# Only its owner may write there.
	[ ! -O "$common_dir/objects" ] || finish_move
fi
field "@target"
if [ -O "$common_dir/objects" ] && [ -O "$common_dir/refs" ] && [ -O "$real_git_dir/HEAD" ]; then field "owned yes"; else field "owned no"; fi
field "bare $bare"
field "progress $(progress_of "$real_git_dir")"
now=$(git rev-parse -q --verify "$HP_REF^{commit}" 2>/dev/null)
field "now $now"
if [ -n "$now" ] && [ -n "${HP_NEW:-}" ]; then
	if git merge-base --is-ancestor "$HP_NEW" "$now" 2>/dev/null; then field "reaches yes"; fi
	if [ "$bare" = false ]; then
		# Nothing of what came is staged as it was before; what is neither so nor as it came is the agent's own, staged since.
		old=${HP_OLD:-$(empty_tree)}
		{
			git diff-tree -r --name-only --no-renames -z "$old" "$HP_NEW" 2>/dev/null | lines_of_nul
			echo /
			git diff-index --cached --name-only --no-renames --ignore-submodules -z "$old" -- 2>/dev/null | lines_of_nul
		} | awk '$0 == "/" { second = 1; next } !second { came[$0] = 1; next } { delete came[$0] } END { for (path in came) exit 1 }' &&
			field "index moved"
	fi
fi
field "@held"
held_branches | nul_of_lines
if [ "$bare" = false ]; then
	field "@dirty"
	git status --porcelain -z --no-renames --untracked-files=no --ignore-submodules=all 2>/dev/null | lines_of_nul |
		head -n 21 | sed 's/^...\(.*\)$/path \1/' | nul_of_lines
	field "@way"
	lines_of_nul | in_the_way | head -n 21 | sed 's/^/path /' | nul_of_lines
fi
field "@end"
