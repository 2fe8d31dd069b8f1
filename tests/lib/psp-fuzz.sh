# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2154
# For the scripts that run psp-fuzz: B and $work are set.

# run PROGRAM OPTION...: leaves what it printed in $work/log.
run()
{
	program=$B/$1
	shift
	"$program" "$@" >"$work/log" 2>&1
}

# What is in the table of the last run: each command both ways, but those that can only succeed, or
# that this firmware does not have. Those that are not covered go to the log.
covered()
{
	awk '
		/^[0-7][0-9a-f] [A-Z_]+ / {
			rows++
			if ($2 !~ /^(DOWNLOAD_FIRMWARE|RING_BUFFER|SWAP_OUT|SWAP_IN)$/ && $4 == 0)
				print "not ok: " $2 " never succeeded"
			if ($2 !~ /^(NOP|SHUTDOWN)$/ && $4 == $3)
				print "not ok: " $2 " never failed"
		}
		END { if (rows < 40) print "not ok: " rows " rows" }
	' "$work/log" >"$work/covered"
	[ ! -s "$work/covered" ] || { cat "$work/covered" >>"$work/log"; false; }
}
