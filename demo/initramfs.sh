# SPDX-License-Identifier: LGPL-2.1-or-later
# For sh: an initramfs, in which the same inputs give the same bytes: dates, owners and order are fixed.
# Whoever sources this has a function `fail`.

# new_root DIR: an empty root with busybox in it, and what it needs to begin with.
new_root()
{
	command -v cpio >/dev/null || fail 'cpio is missing; install the package cpio'
	busybox=
	for each in /bin/busybox /usr/bin/busybox; do
		[ -x $each ] && busybox=$each && break
	done
	[ -n "$busybox" ] || fail 'busybox is missing; install the package busybox-static'
	# A dynamic one would need a loader and libraries that the guest has not.
	! ldd "$busybox" 2>/dev/null | grep -q '=>' ||
		fail "$busybox is not static; install the package busybox-static"
	rm -rf "$1"
	mkdir -p "$1/bin" "$1/dev"
	cp "$busybox" "$1/bin/busybox"
	chmod 755 "$1/bin/busybox"
}

# pack DIR FILE
pack()
{
	( cd "$1" && find . -exec touch -h -d @0 {} + && find . | LC_ALL=C sort |
		cpio --quiet --reproducible -o -H newc -R 0:0 ) >"$2.cpio" || fail 'cpio failed'
	gzip -9 -n -c "$2.cpio" >"$2.part"
	rm "$2.cpio"
	mv "$2.part" "$2"
}
