# First process of a container: builds its root, moves into it, says its number on descriptor 3, and becomes the command.
# setup ROOT HOSTNAME ro|rw [SOURCE TARGET ro|rw]... -- COMMAND...
set -eu
root=$1 host=$2 mode=$3
shift 3
read -r pid rest </proc/self/stat
mount --bind "$root" "$root"
cd "$root"
mkdir -p usr etc proc dev tmp var/tmp run root before
chmod 1777 tmp var/tmp
for name in bin sbin lib lib32 lib64 libx32; do
	if [ -L "/$name" ]; then
		ln -sfn "$(readlink "/$name")" "$name"
	elif [ -d "/$name" ]; then
		mkdir -p "$name"
		mount --rbind "/$name" "$name"
		mount -o remount,bind,ro "$name"
	fi
done
for name in usr etc; do
	mount --rbind "/$name" "$name"
	mount -o remount,bind,ro "$name"
done
mount -t proc proc proc
mount -t tmpfs -o mode=755 dev dev
for name in null zero full random urandom tty; do
	: >"dev/$name"
	mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/pts dev/shm
chmod 1777 dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
while [ "$1" != -- ]; do
	mkdir -p ".$2"
	mount --bind "$1" ".$2"
	if [ "$3" = ro ]; then
		mount -o remount,bind,ro ".$2"
	fi
	shift 3
done
shift
echo "$host" 2>/dev/null >/proc/sys/kernel/hostname || :
pivot_root . before
cd /
umount -l /before
rmdir /before
if [ "$mode" = ro ]; then
	mount -o remount,bind,ro /
fi
echo "$pid" >&3
exec 3>&-
exec "$@"
