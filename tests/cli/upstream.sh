#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The hooks fit the pinned Bochs exactly, stay as few as they should be, and what does not fit is
# refused without a trace. Speaks TAP.
set -u

tarball=${BOCHS_TARBALL:?the pinned tarball}
sha256=${BOCHS_SHA256:?its checksum}
patches=upstream/patches
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tests/lib/tap.sh

# applies DIRECTORY...: the series of DIRECTORY on the real tarball, into $work/tree.
applies()
{
	upstream/apply "$tarball" "$sha256" "$work/tree" "$1/series" >"$work/log" 2>&1
}

fits_without_fuzz()
{
	rm -rf "$work/tree"
	applies $patches && [ ! -s "$work/log" ] && [ ! -e "$work/tree.new" ]
}

series_is_complete()
{
	(cd $patches && ls -- *.patch) | sort >"$work/files"
	grep -v '^#' $patches/series | sort >"$work/log"
	cmp -s "$work/files" "$work/log"
}

# The limits of CONTRIBUTING: 100 changed lines in all, one line of context on each side, a reason.
small()
{
	cat $patches/*.patch | grep -c '^[-+][^-+]\|^[-+]$' >"$work/log"
	[ "$(cat "$work/log")" -le 100 ]
}

little_context()
{
	awk '
		FNR == 1 || /^--- / { inside = 0 }
		/^@@/ { run = 0; inside = 1; next }
		inside && /^[-+]/ { run = 0; next }
		inside && ++run > 1 { print FILENAME ": " $0; bad = 1 }
		END { exit bad }' $patches/*.patch >"$work/log"
}

gives_reasons()
{
	for patch in $patches/*.patch; do
		sed '/^--- /,$d' "$patch" | grep -q '[a-z]' || echo "$patch"
	done >"$work/log"
	[ ! -s "$work/log" ]
}

# An upstream file that a hook no longer fits: the second of three hooks.
misfit_is_named()
{
	rm -rf "$work/tree" "$work/series"
	mkdir "$work/series"
	cp $patches/H01-*.patch $patches/H03-*.patch "$work/series"
	sed 's/^\( *\)#define BX_PHY_ADDRESS_RES/\1#define BX_NO_SUCH_RES/' $patches/H03-*.patch |
		sed 's/^-\(.*\)$/-\1 changed/; s/^--- \(.*\) changed$/--- \1/' \
			>"$work/series/H02-misfit.patch"
	(cd "$work/series" && ls H01* H02* H03*) >"$work/names" && mv "$work/names" "$work/series/series"
	! applies "$work/series" &&
		grep -q 'H02-misfit.patch does not fit cpu/cpu.h of Bochs 3' "$work/log"
}

leaves_nothing()
{
	[ ! -e "$work/tree" ] && [ ! -e "$work/tree.new" ]
}

keeps_the_old_tree()
{
	applies $patches || return 1
	(cd "$work/tree" && find . -type f -exec sha256sum {} +) | sort >"$work/before"
	! applies "$work/series" || return 1
	(cd "$work/tree" && find . -type f -exec sha256sum {} +) | sort | cmp -s - "$work/before" &&
		[ ! -e "$work/tree.new" ]
}

wrong_tarball_is_refused()
{
	rm -rf "$work/tree"
	{ cat "$tarball" && echo; } >"$work/wrong.tar.xz"
	wrong=$(sha256sum <"$work/wrong.tar.xz" | cut -d' ' -f1)
	! upstream/apply "$work/wrong.tar.xz" "$sha256" "$work/tree" $patches/series \
		>"$work/log" 2>&1 &&
		grep -q "expected: $sha256" "$work/log" && grep -q "found: *$wrong" "$work/log"
}

# Objects must survive a changed hook: files that came out the same keep their dates.
unchanged_files_keep_their_dates()
{
	rm -rf "$work/tree" && applies $patches || return 1
	touch -d '2001-01-01' "$work/tree/main.cc" "$work/tree/cpu/apic.cc"
	grep -v H06 $patches/series >"$work/short" && cp $patches/*.patch "$work/series" &&
		mv "$work/short" "$work/series/series"
	applies "$work/series" &&
		[ "$(date -r "$work/tree/main.cc" +%Y)" = 2001 ] &&
		[ "$(date -r "$work/tree/cpu/apic.cc" +%Y)" != 2001 ] &&
		! grep -q sev_ "$work/tree/cpu/apic.cc"
}

echo 1..10
check 'the series fits the pinned release without fuzz' fits_without_fuzz
check 'every patch is in the series' series_is_complete
check 'at most 100 lines are changed' small
check 'at most one line of context on each side' little_context
check 'every patch says why' gives_reasons
check 'a hook that does not fit is named, with its file' misfit_is_named
check 'a failed series leaves nothing behind' leaves_nothing
check 'a failed series leaves a tree that was there alone' keeps_the_old_tree
check 'another tarball is refused, both checksums shown' wrong_tarball_is_refused
check 'a changed hook touches only what it changes' unchanged_files_keep_their_dates
