# SPDX-License-Identifier: LGPL-2.1-or-later
# For sh, after boot.sh: Linux as a SEV host, which drives the Secure Processor.
#
#   start_host KERNEL WORDS LINE...  boots it; WORDS for the command line, LINEs for bochsrc
#   expect_driver [PATTERN]          it has switched itself off, and the driver had no other complaint
#   expect_checks                    the checks inside of it: "N passed, 0 failed"
#   chain NAME [CHIP]                certificates that it has shown, as $dir/NAME.chain; they verify
#   expect_tested_host [CHIP]        all of this, for a host that has run all checks
#
# CHIP is the state directory of the chip, which has what signs the CEK.

[ -x "$B/check/sev-ioctl" ] || {
	echo "$B/check/sev-ioctl has not been built: it needs libgcrypt as a static library"
	exit 77
}

# The kernel's own tests of its cryptography and a slow console would be most of the time.
quick='console=ttyS0,115200 cryptomgr.notests'

start_host()
{
	kernel=$1
	words=$2
	shift 2
	tests/driver/initrd "$kernel" "$B/check/sev-ioctl" "$dir/initrd.img" || fail 'no initramfs'
	start "romimage: file=$OVMF" 'sev: type=none' "fw_cfg: kernel=$kernel, initrd=$dir/initrd.img" \
		"fw_cfg: append=\"$quick $words\"" "$@"
}

# driver_says TEXT: as the kernel logged it, without its time.
driver_says()
{
	expect_console "^host: kernel says: .* $1"
}

expect_driver()
{
	await_end 300
	expect_status 0
	expect_console 'host: switching off'
	expect_no_console 'Kernel panic'
	expect_no_console 'Oops'
	expect_no_console 'WARNING: '
	! grep -a '^host: kernel error: ' "$dir/serial.log" | grep -v -e "${1:-^$}" ||
		fail 'the driver complains'
}

expect_checks()
{
	! grep -a -A 1 '^not ok' "$dir/serial.log" || fail 'checks failed'
	expect_console '^[1-9][0-9]* passed, 0 failed'
	grep -a ' passed, 0 failed' "$dir/serial.log"
}

# verify NAME [CHIP]: $dir/NAME.chain under both verifiers; with the state directory of the chip, up to
# the root. Both are asked; the second one knows a certificate once, so that with the CEK that the root
# has signed it does not get that of the chain.
verify()
{
	verdict=0
	set -- "$1" "$dir/$1.chain" ${2:+"$2/cek.cert" "$2/ask_ark.cert"}
	name=$1
	head -c $((3 * 2084)) "$2" >"$dir/three.chain"
	shift
	"$bin/sev-owner" chain "$@" >"$dir/$name.verified" 2>&1 || verdict=1
	[ $# -eq 1 ] || grep -q '7 of 7 links verified' "$dir/$name.verified" || verdict=1
	[ $# -eq 1 ] || { shift; set -- "$dir/three.chain" "$@"; }
	[ ! -x "$bin/check/verify-chain" ] ||
		"$bin/check/verify-chain" "$@" >"$dir/$name.openssl" 2>&1 || verdict=1
	return $verdict
}

# certificates NAME: the lines in which they came.
certificates()
{
	tr -d '\r' <"$dir/serial.log" | sed -n "/^host: $1 begins/,/^host: $1 ends/p" |
		grep -v '^host:'
}

chain()
{
	certificates "$1" | base64 -d 2>/dev/null | gzip -d >"$dir/$1.chain" 2>/dev/null ||
		fail "the console does not have the certificates \"$1\""
	[ "$(wc -c <"$dir/$1.chain")" -eq 8336 ] || fail "$1: not four certificates"
	verify "$@" || fail "$1: $(cat "$dir/$1.verified" "$dir/$1.openssl")"
}

# What the host's messages must have, and all four chains that sev-ioctl keeps.
expect_tested_host()
{
	expect_driver
	driver_says 'sev enabled'
	driver_says 'SEV API:1.55 build:21'
	expect_console '^host: interrupts: .* [1-9][0-9]* .*PCI-MSI.*psp-1'
	expect_checks
	for each in self new owned reset; do
		chain $each ${1+"$1"}
	done
}
