# Looks at one working tree of a session, and captures what it has not committed. Runs inside the session, under any
# POSIX shell, after open.sh. Everything is read; the one place written to is a private folder outside the repository.
#
# In:  HP_ONE_BRANCH HP_CAPTURE HP_HISTORY HP_KNOWN HP_IGNORED HP_CREDENTIALS
#      HP_MAX_FILE HP_MAX_TOTAL HP_MAX_REFS HP_MAX_FILES HP_RUN HP_LEVEL
override diff.ignoreSubmodules all
override status.submoduleSummary false
override core.splitIndex false
override index.version 4
override index.skipHash true
override core.untrackedCache false
override core.expectFilesOutsideSparsePatterns false
override core.bigFileThreshold 1m
override core.compression "${HP_LEVEL:-1}"
override core.safecrlf false

if identity=$(stat -c '%d:%i:%W' "$common_dir" 2>/dev/null); then stat_of="stat -c"; stat_form='%f %s %n'; change_form=%Z
else identity=$(stat -f '%d:%i:%B' "$common_dir" 2>/dev/null); stat_of="stat -f"; stat_form='%Xp %z %N'; change_form=%c
fi

field "@repository"
field "git $version"
field "identity ${identity:-unknown}"
field "bare $bare"
field "shallow $shallow"
field "partial $partial"
field "sparse $sparse"
field "format $format"
field "gitdir $real_git_dir"

operation=
if [ -d "$real_git_dir/rebase-merge" ]; then operation=rebase
elif [ -f "$real_git_dir/rebase-apply/applying" ]; then operation=am
elif [ -d "$real_git_dir/rebase-apply" ]; then operation=rebase
elif [ -e "$real_git_dir/MERGE_HEAD" ]; then operation=merge
elif [ -e "$real_git_dir/CHERRY_PICK_HEAD" ]; then operation=cherry-pick
elif [ -e "$real_git_dir/REVERT_HEAD" ]; then operation=revert
elif [ -e "$real_git_dir/BISECT_LOG" ]; then operation=bisect
fi
field "progress $operation"

first=; read -r first <"$real_git_dir/HEAD"
branch=
case "$first" in "ref: "*) branch=${first#ref: } ;; esac
head=; head_tree=
while read -r oid kind _; do
	case "$kind" in
	commit) head=$oid ;;
	tree) head_tree=$oid ;;
	esac
done <<EOF
$(printf 'HEAD^{commit}\nHEAD^{tree}\n' | git cat-file --batch-check 2>/dev/null)
EOF
[ -z "$head" ] || [ -n "$head_tree" ] || fail session-damaged "the commit at HEAD has no tree"
if [ -z "$head" ] && { [ -z "$branch" ] || git rev-parse -q --verify "$branch" >/dev/null 2>&1; }; then
	fail session-damaged "HEAD names a commit that is not there"
fi
# Everything that the session names.
tell_refs() {
	field "@refs"
	field "head $head $branch"
	if [ -n "${HP_ONE_BRANCH:-}" ]; then
		field "branches $head $branch"
		# Its own log of HEAD is the only one that is the worktree's.
		# shellcheck disable=SC2046
		field "others $(git rev-list --max-count=200000 --ignore-missing --parents $(git rev-list --walk-reflogs --ignore-missing HEAD -- 2>/dev/null | sort -u | head -n 2000) --not --branches ${head:+HEAD} -- 2>/dev/null)"
	else
		listed=$(git for-each-ref --count=$((HP_MAX_REFS + 1)) --format='%(objectname) %(refname)' 2>&1) ||
			fail session-damaged "its refs cannot be read: $listed"
		field "branches $listed"
		# The commit behind each, line for line, or the word `missing`.
		field "peeled $(printf '%s\n' "$listed" | sed 's/ .*/^{commit}/' | git cat-file --batch-check='%(objectname)' 2>/dev/null)"
		[ ! -f "$common_dir/logs/refs/stash" ] || field "stashes $(git rev-list --walk-reflogs --ignore-missing refs/stash -- 2>/dev/null)"
		extra=
		for name in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD ORIG_HEAD REBASE_HEAD; do
			[ -f "$real_git_dir/$name" ] && extra="$extra $name"
		done
		# Commits, with their parents, that no branch reaches but something else still names.
		# shellcheck disable=SC2086
		field "others $(git rev-list --max-count=200000 --ignore-missing --parents --exclude='refs/remotes/*' --all --reflog $extra --not --branches ${head:+HEAD} -- 2>/dev/null)"
		[ ! -d "$common_dir/worktrees" ] || field "worktrees $(git worktree list --porcelain 2>/dev/null)"
	fi
	if [ -n "${HP_KNOWN:-}" ]; then
		# How many commits of each branch the ledger does not have, and the age of the oldest.
		known=$(printf '%s\n' "$HP_KNOWN" | git cat-file --batch-check='%(objectname)' 2>/dev/null | grep -v ' ')
		for oid in $(if [ -n "${HP_ONE_BRANCH:-}" ]; then printf '%s' "$head"; else git for-each-ref --count=200 --format='%(objectname)' refs/heads 2>/dev/null | sort -u; fi); do
			# shellcheck disable=SC2086
			field "count $oid $(git rev-list --timestamp "$oid" --not $known -- 2>/dev/null | awk '{ n++; if (!old || $1 < old) old = $1 } END { print n + 0, old + 0 }')"
		done
	fi
	if [ -n "${HP_HISTORY:-}" ] && [ -n "$head" ]; then
		field "history $(git rev-list --first-parent --max-count=4096 "$head" 2>/dev/null | awk 'NR <= 16 || (NR <= 256 && NR % 16 == 0) || NR % 256 == 0')"
	fi
}

if [ -z "${HP_CAPTURE:-}" ] || [ "$bare" = true ]; then
	tell_refs
	field "@end"
	exit 0
fi

umask 077
if ! find_private; then
	tell_refs
	field "@capture"; field "failed there is no private folder to write to in the session"; field "@end"; exit 0
fi
for old in "$private"/run.*; do
	[ ! -d "$old" ] || find "$private" -maxdepth 1 -name 'run.*' -mmin +120 -exec rm -rf {} + 2>/dev/null
	break
done
run=$private/run.$$.$HP_RUN
mkdir "$run" "$run/objects" || fail capture-failed "the private folder cannot be written to"
# Until the objects have gone home they stay; without a capture nothing of this run does.
keep_run=
trap '[ -n "$keep_run" ] || rm -rf "$run"' EXIT
trap 'exit 1' HUP INT TERM
export GIT_OBJECT_DIRECTORY="$run/objects" GIT_ALTERNATE_OBJECT_DIRECTORIES="$common_dir/objects"
[ -n "$head_tree" ] || head_tree=$(git hash-object -t tree -w --stdin </dev/null)

# Our own index of this tree: HEAD's entries, with what git itself has seen of the files. One file for each tree, so that
# one rename decides; used through a link, which keeps its time, or edits of that same second would be missed. git never
# writes into an index, it puts a new one in its place.
saved=$private/index.$head_tree
export GIT_INDEX_FILE="$run/index"
borrow() { ln "$1" "$run/index" 2>/dev/null || cp -p "$1" "$run/index" 2>/dev/null; }
prepare() {
	borrow "$saved" || read_head
	[ "$sparse" != true ] || leave_sparse
	[ "$filters" -eq 0 ] || leave_filtered
}
read_head() {
	files=$(git ls-tree -r --name-only "$head_tree" 2>/dev/null | head -n $((HP_MAX_FILES + 1)) | wc -l)
	[ "$files" -le "$HP_MAX_FILES" ] || fail limit-exceeded "the commit at HEAD has more than $HP_MAX_FILES files"
	for old in "$private"/index.*; do
		case "$old" in *.new.*) ;; *) borrow "$old" && break ;; esac
	done
	git read-tree --reset "$head_tree" 2>/dev/null || { rm -f "$run/index"; git read-tree "$head_tree" 2>"$run/error"; } ||
		fail session-damaged "the tree of HEAD cannot be read: $(head -n 1 "$run/error")"
	# Only hashes are wanted here; a file over the threshold would be deflated on the way.
	git -c core.compression=0 -c core.bigFileThreshold=512m update-index -q --refresh >/dev/null 2>&1
	{ ln "$run/index" "$saved.new.$$" 2>/dev/null || cp -p "$run/index" "$saved.new.$$"; } && mv -f "$saved.new.$$" "$saved"
	for old in "$private"/index.*; do
		[ "$old" = "$saved" ] || rm -f "$old"
	done
}
# What the session has left out of its checkout is not deleted; what stands there all the same is looked at.
leave_sparse() {
	(unset GIT_INDEX_FILE; git ls-files -t -z 2>/dev/null) | lines_of_nul | sed -n 's/^S //p' | sort >"$run/sparse"
	# shellcheck disable=SC2086
	nul_of_lines <"$run/sparse" | xargs -0 $stat_of "${stat_form##* }" -- 2>/dev/null | sort >"$run/present"
	comm -23 "$run/sparse" "$run/present" | nul_of_lines | git update-index --skip-worktree -z --stdin 2>/dev/null
}
# Filters are off, so a filtered file never equals its commit: those that the session's own index calls clean are left.
leave_filtered() {
	git ls-files -z | git check-attr -z --stdin filter 2>/dev/null | lines_of_nul |
		awk 'NR % 3 == 1 { path = $0 } NR % 3 == 0 && $0 != "unspecified" && $0 != "unset" { print path }' | sort >"$run/filtered"
	[ -s "$run/filtered" ] || return 0
	(unset GIT_INDEX_FILE; git diff-files --name-only -z 2>/dev/null) | lines_of_nul | sort >"$run/filtered.dirty"
	comm -23 "$run/filtered" "$run/filtered.dirty" | nul_of_lines | git update-index -z --assume-unchanged --stdin 2>/dev/null
}

# One look: `tag path` a line, newlines in names as \001. C changed, R removed, ? untracked, I ignored but chosen.
scan() {
	git status --porcelain -z --no-renames --untracked-files=all --ignore-submodules=all 2>"$run/scan.error" | lines_of_nul |
		sed -n 's/^.[MT] /C /p; s/^.D /R /p; s/^?? /? /p' >"$1"
	# Folders that git could not enter, cut where git cuts its line. Its other words may hold what a hostile configuration made it read.
	sed -n "s/^warning: could not open directory '\([^']*\).*/left unreadable -1 \1/p" "$run/scan.error" >"$run/unscanned"
	if [ -n "${HP_IGNORED:-}" ]; then
		printf '%s\n' "$HP_IGNORED" | nul_of_lines | xargs -0 git ls-files -z -t -o -i --exclude-standard -- 2>/dev/null | lines_of_nul | sed 's/^?/I/' >>"$1"
	fi
}
# Sizes, by path; `hexmode size path`.
measure() {
	# shellcheck disable=SC2086
	sed 's/^..//' "$1" | sort -u | nul_of_lines | xargs -0 $stat_of "$stat_form" -- 2>/dev/null
}
# Decides for every path of a look: `add path`, or `left reason size path`.
sort_out() {
	awk -v max_file="$HP_MAX_FILE" -v max_total="$HP_MAX_TOTAL" -v wanted_list="${HP_CREDENTIALS:-}" '
	BEGIN { n = split(wanted_list, list, "\n"); for (i = 1; i <= n; i++) wanted[list[i]] = 1 }
	FILENAME == ARGV[1] { path = $0; sub(/^[^ ]* [^ ]* /, "", path); mode[path] = $1; size[path] = $2; next }
	{
		tag = substr($0, 1, 1); path = substr($0, 3)
		if (path in seen) next
		seen[path] = 1
		bytes = (path in size) ? size[path] : -1
		kind = (path in mode) ? substr(mode[path], 1, 1) : ""
		base = path; sub(/.*\//, "", base); low = tolower(base)
		if (path ~ /\/$/) { print "left nested-repository -1 " path; next }
		if (!(path in mode)) { print "add R -1 " path; next }
		if (kind == "4") { print (tag == "C" ? "add R -1 " : "left nested-repository -1 ") path; next }
		if (kind != "8" && kind != "a") { print "left special-file -1 " path; next }
		if ((tag == "?" || tag == "I") && !(path in wanted) && (low ~ /^\.env($|\.|-|_)/ || low ~ /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk)$/ || low ~ /^id_(rsa|dsa|ecdsa|ed25519)$/ || low ~ /^(\.netrc|_netrc|\.pgpass|\.npmrc|\.pypirc|\.git-credentials|\.htpasswd|credentials|credentials\.json|kubeconfig|\.dockercfg|service-account.*\.json)$/)) { print "left looks-like-credentials " bytes " " path; next }
		if (bytes > max_file) { print "left too-large " bytes " " path; next }
		if (tag != "R") { total += bytes; if (total > max_total) { print "left too-large " bytes " " path; next } }
		print "add " tag " " bytes " " path
	}' "$1" "$2"
}
# True when every path that was taken last changed before that second. A deletion has no time that could be asked.
taken_before() {
	[ -n "$change_form" ] && [ -s "$run/paths" ] && ! grep -q '^add R ' "$run/sorted" || return 1
	# shellcheck disable=SC2086
	latest=$(nul_of_lines <"$run/paths" | xargs -0 $stat_of "$change_form" -- 2>/dev/null | sort -n | sed -n '$p')
	[ -n "$latest" ] && [ "$latest" -lt "$1" ]
}
take() {
	sed -n 's/^add [^ ]* [^ ]* //p' "$1" >"$run/paths"
	[ -s "$run/paths" ] || return 0
	# In a line \001 stands for a newline; a name that has that byte itself is left to a pattern of git's.
	if grep -q "$soh" "$run/paths"; then git add -A --ignore-errors -- "*$soh*" >/dev/null 2>&1; fi
	nul_of_lines <"$run/paths" | git update-index --add --remove --replace -z --stdin >/dev/null 2>&1 && return 0
	# One path stands in the way of the rest: each by itself, and what cannot be read is said.
	rm -f "$run/index.lock"
	while IFS= read -r line; do
		path=$(printf '%s' "$line" | tr '\001' '\n')
		git update-index --add --remove --replace -- "$path" >/dev/null 2>&1 || printf 'left unreadable -1 %s\n' "$line" >>"$run/unreadable"
	done <"$run/paths"
}

# The clock of the file system, not of the process.
# shellcheck disable=SC2086
started=$($stat_of "$change_form" "$run")
: >"$run/unreadable"; : >"$run/first"; : >"$run/sorted"
round=0
quiet=false
tree=$head_tree
(
	# Stdout is for what goes on meanwhile.
	fail() { printf '%s %s\n' "$1" "$2" >"$run/failed"; exit 4; }
	prepare
	scan "$run/look" || exit 4
) >&2 &
looking=$!
tell_refs
if ! wait "$looking"; then
	read -r code text <"$run/failed" 2>/dev/null || { code=capture-failed; text="the working tree cannot be looked at"; }
	fail "$code" "$text"
fi
if [ -s "$run/filtered" ]; then
	field "@filtered"
	field "lfs $(nul_of_lines <"$run/filtered" | git check-attr -z --stdin filter 2>/dev/null | lines_of_nul | grep -c '^lfs$')"
fi
# Commits of a submodule are its own repository's; what it holds is listed, not taken.
if [ -f .gitmodules ]; then
	field "@submodules"
	git ls-files -s -z | lines_of_nul | sed -n 's/^160000 [^	]*	/path /p' | nul_of_lines
fi
if [ ! -s "$run/look" ]; then quiet=true; else
	measure "$run/look" >"$run/sizes"
	sort_out "$run/sizes" "$run/look" >"$run/sorted"
	cp "$run/sorted" "$run/first"
fi
while [ "$quiet" = false ]; do
	round=$((round + 1))
	take "$run/sorted"
	tree=$(git write-tree 2>"$run/error") || fail capture-failed "the capture cannot be written: $(head -n 1 "$run/error")"
	# What was taken had all been there before the first look began, so it is the state of that instant.
	if [ "$round" -eq 1 ] && taken_before "$started"; then quiet=true; break; fi
	scan "$run/look"
	[ -s "$run/look" ] || { quiet=true; break; }
	# Nothing new but what is left out on purpose: two looks agree.
	sed -n 's/^left [^ ]* [^ ]* //p' "$run/first" "$run/unreadable" | sort -u >"$run/left"
	news=$(sed 's/^..//' "$run/look" | sort -u | comm -23 - "$run/left")
	[ -n "$news" ] || { quiet=true; break; }
	[ "$round" -lt 3 ] || break
	measure "$run/look" >"$run/sizes"
	sort_out "$run/sizes" "$run/look" >"$run/sorted"
	cat "$run/sorted" >>"$run/first"
done
[ "$(git rev-parse -q --verify 'HEAD^{commit}' 2>/dev/null)" = "$head" ] || quiet=false

# The session's own index, as the session sees it. Only its copy is ever written.
index_tree=$head_tree
index_state=
: >"$run/unmerged"; : >"$run/staged"
# git takes zeros for entries where an index was cut off; each entry has 62 bytes at least (gitformat-index(5)).
if [ -f "$real_git_dir/index" ]; then
	# shellcheck disable=SC2046
	set -- $(od -An -tu1 -j8 -N4 "$real_git_dir/index" 2>/dev/null) 0 0 0 0
	[ "$(wc -c <"$real_git_dir/index")" -ge $(( ((($1 * 256 + $2) * 256 + $3) * 256 + $4) * 62 + 32 )) ] || index_state=damaged
fi
if [ -f "$real_git_dir/index" ] && [ -z "$index_state" ]; then
	unset GIT_INDEX_FILE
	git diff-index --cached --raw -z --no-renames --abbrev=40 "$head_tree" >"$run/index.raw" 2>/dev/null || index_state=damaged
	# Entries that only announce a file are hidden from a diff; they are among the paths that our own index does not know.
	announced=0
	if [ -z "$index_state" ] && grep -q '^add ? ' "$run/first"; then
		announced=$(sed -n 's/^add ? [^ ]* //p' "$run/first" | nul_of_lines | xargs -0 git --literal-pathspecs ls-files --debug -- 2>/dev/null | grep -c 'flags: 2[0-9a-f]\{7\}$')
	fi
	if [ -z "$index_state" ] && { [ -s "$run/index.raw" ] || [ "$announced" -gt 0 ]; }; then
		cp "$real_git_dir/index" "$run/theirs" 2>/dev/null
		export GIT_INDEX_FILE="$run/theirs"
		git ls-files -s -u -z >"$run/unmerged" 2>/dev/null
		sed -n 's/^left looks-like-credentials [^ ]* //p; s/^left too-large [^ ]* //p' "$run/first" | nul_of_lines | git update-index --force-remove -z --stdin 2>/dev/null
		if [ -s "$run/unmerged" ]; then index_state=unmerged
		else
			[ "$announced" -eq 0 ] || index_state=intent-to-add
			index_tree=$(git write-tree 2>/dev/null) || { index_tree=$head_tree; index_state=damaged; }
		fi
		git diff-index --cached --name-only --diff-filter=A -z "$head_tree" 2>/dev/null | lines_of_nul >"$run/staged"
	fi
	export GIT_INDEX_FILE="$run/index"
fi

if [ "$tree" = "$head_tree" ] && [ "$index_tree" = "$head_tree" ] && [ "$index_state" != unmerged ] && [ "$index_state" != intent-to-add ]; then
	field "@capture"
	field "quiet $quiet"
	field "index $index_state"
	field "@files"
	sort -u "$run/first" "$run/unreadable" "$run/unscanned" | nul_of_lines
	field "@end"
	exit 0
fi

stamp='0 +0000'; author='Homeport'; mail='homeport@localhost'
if [ -n "$head" ]; then
	git cat-file commit "$head" >"$run/commit"
	while IFS= read -r line; do
		case "$line" in
		'') break ;;
		"author "*"<"*">"*) author=${line#author }; author=${author%% <*}; mail=${line#*<}; mail=${mail%%>*} ;;
		"committer "*"> "*) stamp=${line##*> } ;;
		esac
	done <"$run/commit"
fi
case "$stamp" in *[!0-9\ +-]*) stamp='0 +0000' ;; esac
export GIT_AUTHOR_NAME="${author:-Homeport}" GIT_AUTHOR_EMAIL="${mail:-homeport@localhost}" GIT_AUTHOR_DATE="@${stamp:-0 +0000}"
export GIT_COMMITTER_NAME=Homeport GIT_COMMITTER_EMAIL=homeport@localhost GIT_COMMITTER_DATE="@${stamp:-0 +0000}"
record() { # message tree parents...
	message=$1; made=$2; shift 2
	parents=
	for parent; do parents="$parents -p $parent"; done
	# shellcheck disable=SC2086
	printf '%s\n' "$message" | git commit-tree "$made" $parents 2>/dev/null ||
		printf '%s\n' "$message" | GIT_AUTHOR_NAME=Homeport GIT_AUTHOR_EMAIL=homeport@localhost git commit-tree "$made" $parents
}

parents=$head
# shellcheck disable=SC2086
if [ "$index_tree" != "$head_tree" ]; then parents="$parents $(record 'Homeport capture: index' "$index_tree" $head)"; fi
if [ "$index_state" = unmerged ] || [ "$index_state" = intent-to-add ]; then
	bytes=$(git hash-object -w --no-filters --stdin <"$real_git_dir/index")
	export GIT_INDEX_FILE="$run/stages"
	{
		printf '100644 %s\tindex\0' "$bytes"
		lines_of_nul <"$run/unmerged" | sed 's/^\([0-7]* [0-9a-f]*\) \([123]\)	/\1	stages\/\2\//' | nul_of_lines
	} | git update-index -z --index-info
	# shellcheck disable=SC2086
	parents="$parents $(record 'Homeport capture: unmerged' "$(git write-tree)" $head)"
	export GIT_INDEX_FILE="$run/index"
fi
# shellcheck disable=SC2086
capture=$(record 'Homeport capture' "$tree" $parents)
[ -n "$capture" ] || fail capture-failed "the capture cannot be recorded"
keep_run=yes

field "@capture"
field "oid $capture"
field "quiet $quiet"
field "index $index_state"
field "run $run"
field "@files"
sort -u "$run/first" "$run/unreadable" "$run/unscanned" | nul_of_lines
field "@changed"
git diff-index --cached --raw -z --no-renames "$head_tree" 2>/dev/null | lines_of_nul | awk '
	NR % 2 == 1 { split($0, f, " "); next }
	{ print "entry " f[2] " " f[5] " " $0 }' | nul_of_lines
if [ -s "$run/staged" ]; then
	field "@staged"
	sed 's/^/staged /' "$run/staged" | nul_of_lines
fi
if [ -s "$run/unmerged" ]; then
	field "@unmerged"
	lines_of_nul <"$run/unmerged" | sed 's/^[^	]*	/path /' | sort -u | nul_of_lines
fi
field "@end"
