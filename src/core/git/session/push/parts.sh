# What the scripts about a push share; stands after open.sh.

# Reads paths that come new, \001 for a newline, and prints those where something stands that git would put away: untracked
# and ignored files (git itself overwrites ignored ones), alone, below, or where a folder is needed.
in_the_way() {
	last=
	while IFS= read -r line; do
		path=$line
		case "$path" in *"$soh"*) path=$(printf '%s' "$line" | tr '\001' '\n') ;; esac
		if [ -L "$path" ]; then printf '%s\n' "$line"
		elif [ -d "$path" ]; then
			[ -z "$(git --literal-pathspecs ls-files -o -- "$path" 2>/dev/null | head -n 1)" ] || printf '%s\n' "$line"
		elif [ -e "$path" ]; then printf '%s\n' "$line"
		else
			case "$path" in */*) ;; *) continue ;; esac
			folder=${path%/*}
			[ "$folder" != "$last" ] || continue
			last=$folder
			while :; do
				if [ -L "$folder" ] || { [ -e "$folder" ] && [ ! -d "$folder" ]; }; then
					git --literal-pathspecs ls-files --error-unmatch -- "$folder" >/dev/null 2>&1 || printf '%s\n' "$line"
					break
				fi
				[ ! -d "$folder" ] || break
				case "$folder" in */*) folder=${folder%/*} ;; *) break ;; esac
			done
		fi
	done
}

empty_tree() { git hash-object -t tree --stdin </dev/null; }

# A push that was cut off between the files and the branch: brings the files back to HEAD. Whatever differs from what the
# push brought is not ours, and stays.
finish_move() {
	[ -f "$private/moving" ] || return 0
	read -r moved_ref moved_old moved_new <"$private/moving" || :
	now=$(git rev-parse -q --verify "$moved_ref^{commit}" 2>/dev/null)
	if [ "$now" != "$moved_new" ] && git cat-file -e "$moved_new^{tree}" 2>/dev/null && [ -z "$(progress_of "$real_git_dir")" ]; then
		back=$(git rev-parse -q --verify 'HEAD^{tree}' 2>/dev/null) || back=$(empty_tree)
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			git update-index -q --ignore-submodules --refresh >/dev/null 2>&1
			git read-tree -m -u "$moved_new" "$back" >/dev/null 2>&1 && break
			[ -e "$real_git_dir/index.lock" ] || break
			nap
		done
	fi
	rm -f "$private/moving"
}

nap() { sleep 0.1 2>/dev/null || sleep 1; }

# Lets a push of ours that is still at work end first, for ten seconds at most.
wait_for_push() {
	waited=0
	while [ "$waited" -lt 100 ]; do
		at_work=
		[ -f "$private/pushing" ] && read -r at_work <"$private/pushing"
		[ -n "$at_work" ] && kill -0 "$at_work" 2>/dev/null || return 0
		waited=$((waited + 1))
		nap
	done
	return 1
}

# What a working tree is in the middle of, by its git folder; nothing where it is at rest.
progress_of() {
	if [ -d "$1/rebase-merge" ]; then echo rebase
	elif [ -f "$1/rebase-apply/applying" ]; then echo am
	elif [ -d "$1/rebase-apply" ]; then echo rebase
	elif [ -e "$1/MERGE_HEAD" ]; then echo merge
	elif [ -e "$1/CHERRY_PICK_HEAD" ]; then echo cherry-pick
	elif [ -e "$1/REVERT_HEAD" ]; then echo revert
	elif [ -e "$1/BISECT_LOG" ]; then echo bisect
	fi
}

# Prints where branches are held, a line each: `here REF`, `elsewhere REF`, or `returns REF` where a rebase or a bisect will
# come back to it.
held_branches() {
	for folder in "$common_dir" "$common_dir"/worktrees/*; do
		[ -f "$folder/HEAD" ] || continue
		if [ "$folder" = "$common_dir" ] && [ "$folder" != "$real_git_dir" ]; then
			[ "$(GIT_DIR=$common_dir git config --type=bool --get core.bare 2>/dev/null)" != true ] || continue
		fi
		where=elsewhere
		[ "$folder" != "$real_git_dir" ] || where=here
		line=; read -r line <"$folder/HEAD" || :
		case "$line" in "ref: "*) [ "$where$bare" = heretrue ] || printf '%s %s\n' "$where" "${line#ref: }" ;; esac
		for name in rebase-merge/head-name rebase-apply/head-name; do
			[ -f "$folder/$name" ] || continue
			line=; read -r line <"$folder/$name" || :
			printf 'returns %s\n' "$line"
		done
		if [ -f "$folder/BISECT_START" ]; then
			line=; read -r line <"$folder/BISECT_START" || :
			printf 'returns refs/heads/%s\n' "${line#refs/heads/}"
		fi
	done
}
