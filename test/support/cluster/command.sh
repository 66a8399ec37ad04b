# Runs a command in a container, or says on descriptor 3 that there is none of that name.
# run FOLDER NAME COMMAND...
cd "$1" 2>/dev/null || cd /
name=$2
shift 2
unset PWD OLDPWD
found=
case $name in
*/*)
	if [ -x "$name" ] && [ ! -d "$name" ]; then found=1; fi
	;;
*)
	IFS=:
	for folder in $PATH; do
		if [ -x "$folder/$name" ] && [ ! -d "$folder/$name" ]; then found=1; fi
	done
	unset IFS
	;;
esac
if [ -z "$found" ]; then
	echo missing >&3
	exit 127
fi
exec 3>&-
exec "$@"
