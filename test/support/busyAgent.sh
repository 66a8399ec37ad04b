# An agent at work in the folder $1: commits, edits, and holds the lock of the index, every 50 ms, until $2 is there; now and
# then it thinks for two seconds. Notes in
# $3 what it has committed, and every time that what it had written and not committed was not there any more.
cd "$1" || exit 1
number=0
last=
check() { [ -z "$last" ] || [ "$(cat work.txt)" = "$last" ] || echo "lost: $last" >>"$3"; }
while [ -e .git ] && [ ! -e "$2" ]; do
	number=$((number + 1))
	check "$@"
	last="work $number"
	echo "$last" >work.txt
	sleep 0.05
	check "$@"
	if git add work.txt 2>/dev/null && git commit -q -m "agent $number" 2>/dev/null; then
		echo "agent $number" >>"$3"
		last=
	fi
	sleep 0.05
	if (set -C; : >.git/index.lock) 2>/dev/null; then
		sleep 0.05
		rm -f .git/index.lock
	fi
	sleep 0.05
	check "$@"
	[ $((number % 4)) -ne 0 ] || sleep 2
done
check "$@"
last="the last edit"
echo "$last" >work.txt
