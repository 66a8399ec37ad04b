# The beginning of every script of ours in a session: finds the repository and shuts off all that it configures. Runs under
# any POSIX shell, and writes nothing.
#
# In:  HP_WORKSPACE HP_GIT_DIR HP_PRIVATE HP_KEY HP_PIPE
# Out: NUL-terminated fields; a field that starts with `@` opens a section, all others start with a word of ours.
set -u
export LC_ALL=C

field() { printf '%s\0' "$*"; }
# Where git's own protocol stands on stdout, as an exit code and on stderr.
fail() {
	if [ -n "${HP_PIPE:-}" ]; then printf 'homeport-fail %s %s\n' "$1" "$2" >&2; exit 3; fi
	field "@fail"; field "code $1"; field "text $2"; exit 0
}
lines_of_nul() { tr '\n\0' '\001\n'; }
nul_of_lines() { tr '\n\001' '\0\n'; }
soh=$(printf '\001')
# Sets `private` to the private folder outside the repository: ours, 0700, and not behind a link.
find_private() {
	private=
	for base in "${HP_PRIVATE:-}" "${TMPDIR:-}" /tmp /var/tmp /dev/shm; do
		[ -n "$base" ] && [ -d "$base" ] && [ -w "$base" ] || continue
		private=$base/homeport-$HP_KEY
		[ -d "$private" ] || mkdir -m 700 "$private" 2>/dev/null
		if [ -d "$private" ] && [ ! -L "$private" ] && [ -O "$private" ]; then return 0; fi
		private=
	done
	return 1
}

version=$(git --version 2>/dev/null) || fail git-missing "there is none"
version=${version#git version }
version=${version%% *}
major=${version%%.*}; minor=${version#*.}; minor=${minor%%.*}
case "$major.$minor" in *[!0-9.]* | .* | *.) fail git-missing "it does not tell its version" ;; esac
if [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt 31 ]; }; then
	fail git-too-old "$version"
fi

is_repository() { [ -e "$1/.git" ] || { [ -f "$1/HEAD" ] && [ -d "$1/objects" ] && [ -d "$1/refs" ]; }; }
# In a pod, where the folder that is expected holds none: the one working tree below it, beside it, or where the container
# says that its work is.
if [ -z "${HP_GIT_DIR:-}" ] && ! is_repository "$HP_WORKSPACE"; then
	elsewhere=
	for place in "${PAUDE_WORKSPACE:-}" "$HP_WORKSPACE"/* "${HP_WORKSPACE%/*}"/* /workspace; do
		[ -d "$place/.git" ] && [ ! -L "$place" ] || continue
		place=$(cd "$place" 2>/dev/null && pwd -P) && [ "$place" != "$elsewhere" ] || continue
		[ -z "$elsewhere" ] || fail session-damaged "there is no git repository in the folder, and more than one near it: $elsewhere, $place"
		elsewhere=$place
	done
	HP_WORKSPACE=${elsewhere:-$HP_WORKSPACE}
fi
cd "$HP_WORKSPACE" 2>/dev/null || fail session-missing "the folder is not there"
workspace=$(pwd -P)
# A session that was added by its real path stays there; a link in its place would show another folder.
if [ -n "${HP_GIT_DIR:-}" ] && [ "$workspace" != "$HP_WORKSPACE" ]; then
	fail session-damaged "the folder is now a link to another place"
fi
# Address space for git, in KiB: a file without an end must not take the memory of the machine.
ulimit -v 8388608 2>/dev/null
git_dir=${HP_GIT_DIR:-}
if [ -z "$git_dir" ]; then
	if [ -d .git ]; then git_dir=$workspace/.git
	elif [ -f HEAD ] && [ -d objects ] && [ -d refs ]; then git_dir=$workspace
	else fail session-damaged "there is no git repository in the folder"
	fi
fi
real_git_dir=$(cd "$git_dir" 2>/dev/null && pwd -P) || fail session-missing "the git folder is not there"
if [ -n "${HP_GIT_DIR:-}" ] && [ "$real_git_dir" != "$HP_GIT_DIR" ]; then
	fail session-damaged "the git folder now leads elsewhere, through a link"
fi
if [ -e .git ] || [ -L .git ]; then
	if [ -L .git ]; then
		[ "$(cd .git 2>/dev/null && pwd -P)" = "$real_git_dir" ] || fail session-damaged ".git is now a link to another place"
	elif [ -d .git ]; then
		[ "$(cd .git && pwd -P)" = "$real_git_dir" ] || fail session-damaged ".git is not the repository that was added"
	elif [ -f .git ]; then
		points=$(dd if=.git bs=4096 count=1 2>/dev/null | sed -n '1s/^gitdir: //p')
		[ "$(cd "$points" 2>/dev/null && pwd -P)" = "$real_git_dir" ] || fail session-damaged ".git now points to another repository"
	else
		fail session-damaged ".git is neither a folder nor a file"
	fi
fi
common_dir=$real_git_dir
if [ -e "$real_git_dir/commondir" ] || [ -L "$real_git_dir/commondir" ]; then
	case "$real_git_dir" in */worktrees/*) ;; *) fail session-damaged "commondir stands in a repository that is no linked worktree" ;; esac
	[ -f "$real_git_dir/commondir" ] && [ ! -L "$real_git_dir/commondir" ] || fail session-damaged "commondir is not a file"
	common_dir=$(cd "$real_git_dir" && cd "$(dd if=commondir bs=4096 count=1 2>/dev/null)" 2>/dev/null && pwd -P) || common_dir=
	[ "$common_dir" = "$(cd "$real_git_dir/../.." && pwd -P)" ] || fail session-damaged "commondir leads to another repository"
fi
# git follows links and waits for FIFOs inside its folder; a repository of git's own making has neither there.
# What goes while it is looked at, as with a gc of the agent's, is no such thing.
odd_still='for path; do if [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ] && [ ! -d "$path" ]; }; then printf "%s\n" "$path"; fi; done'
odd=$(
	find "$common_dir" -maxdepth 3 \( -name hooks -o -name lfs -o -name modules -o -name annex -o -name 'fsmonitor--daemon*' -o -name homeport \) -prune -o ! -type f ! -type d -exec sh -c "$odd_still" sh {} + 2>/dev/null
	[ "$real_git_dir" = "$common_dir" ] || find "$real_git_dir" -maxdepth 2 ! -type f ! -type d -exec sh -c "$odd_still" sh {} + 2>/dev/null
	find "$common_dir/refs" "$common_dir/logs" "$real_git_dir/logs" ! -type f ! -type d -exec sh -c "$odd_still" sh {} + 2>/dev/null
)
[ -z "$odd" ] || fail session-damaged "in the git folder, $(printf '%s\n' "$odd" | head -n 1) is a link or no regular file"
[ -f "$real_git_dir/HEAD" ] || fail session-damaged "HEAD is missing"
for name in index config.worktree ORIG_HEAD; do
	[ ! -d "$real_git_dir/$name" ] || fail session-damaged "$name is a folder"
done
for name in config packed-refs shallow info/exclude info/attributes; do
	[ ! -d "$common_dir/$name" ] || fail session-damaged "$name is a folder"
done

# From here on git runs; nothing that the repository configures may start a program.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_CONFIG_PARAMETERS
export GIT_DIR="$real_git_dir" GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 GIT_NO_REPLACE_OBJECTS=1 GIT_NO_LAZY_FETCH=1
export GIT_ALLOW_PROTOCOL=none GIT_LITERAL_PATHSPECS=0 GIT_LFS_SKIP_SMUDGE=1 GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_CONFIG_COUNT=0
override() {
	eval "export GIT_CONFIG_KEY_$GIT_CONFIG_COUNT=\$1 GIT_CONFIG_VALUE_$GIT_CONFIG_COUNT=\$2"
	GIT_CONFIG_COUNT=$((GIT_CONFIG_COUNT + 1))
}
override safe.directory '*'
override core.hooksPath /dev/null
override core.fsmonitor false
override core.sshCommand false
override core.gitProxy ''
override core.askPass ''
override core.pager cat
override core.attributesFile /dev/null
override core.editor false
override credential.helper ''
override core.alternateRefsCommand ''
override protocol.allow never
override submodule.recurse false
override core.quotePath false
override log.showSignature false
override gc.auto 0
kind=$(git rev-parse --is-bare-repository --is-shallow-repository --show-object-format 2>/dev/null) ||
	fail session-damaged "git cannot read the repository: $(git rev-parse --is-bare-repository 2>&1 >/dev/null)"
{ read -r bare; read -r shallow; read -r format; } <<EOF
$kind
EOF
# Where the working tree is, the configuration has no say in.
if [ "$real_git_dir" != "$workspace" ]; then bare=false; export GIT_WORK_TREE="$workspace"; else bare=true; fi
filters=0; partial=false; sparse=false
while IFS= read -r key; do
	case "$key" in
	filter.*.clean | filter.*.smudge | filter.*.process) override "$key" ''; filters=1 ;;
	filter.*.required) override "$key" false ;;
	merge.*.driver | diff.*.command | diff.*.textconv | diff.external) override "$key" '' ;;
	remote.*.uploadpack | remote.*.receivepack | remote.*.vcs) override "$key" false ;;
	submodule.*.update) override "$key" none ;;
	submodule.*.ignore) override "$key" all ;;
	extensions.partialclone | remote.*.promisor) partial=true ;;
	core.sparsecheckout) sparse=$(git config --type=bool --get core.sparseCheckout 2>/dev/null) ;;
	esac
done <<EOF
$(git config --list --name-only -z 2>/dev/null | tr '\0' '\n')
EOF

