#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests: limit=300
# A chip is killed, again and again, while it changes its identity. Each time it must come up with
# the whole of the old state or the whole of the new one: psp-kill.c knows which these are. Half of
# the kills come at some time, the others at some system call, where it hurts. KILLS and SEED choose
# how many, and which.
set -eu

B=${B:-build}
kills=${KILLS:-240}
seed=${SEED:-1}
helper=$B/check/psp-kill
mkdir -p "$B/check"
work=$(mktemp -d "$B/check/kill.XXXXXX")
trap 'rm -rf "$work"' EXIT

chip=$work/chip
twin=$work/twin
log=$work/log

# What is left of a run, and what the next one begins with.
look()
{
	if ! "$helper" check "$chip" "$log" >"$work/found"; then
		echo "after kill $1 ($2) with SEED=$seed" >&2
		exit 1
	fi
	read -r state which remains <"$work/found"
	case $which in
	new) new=$((new + 1)) ;;
	old) old=$((old + 1)) ;;
	esac
	[ "$remains" = clean ] || left=$((left + 1))
	echo "$state" >"$log"
}

kill_at_time()
{
	"$helper" work "$chip" "$twin" "$log" "$1" &
	worker=$!
	sleep "$2"
	if ! kill -9 $worker 2>/dev/null; then
		echo "the program ended by itself, run $1 with SEED=$seed" >&2
		exit 1
	fi
	wait $worker 2>/dev/null || :
}

kill_at_call()
{
	status=0
	"$helper" stop "$2" "$helper" work "$chip" "$twin" "$log" "$1" || status=$?
	case $status in
	0) ;;
	77) traced=no ;;
	*)
		echo "the program ended by itself, run $1 with SEED=$seed" >&2
		exit 1
		;;
	esac
}

# Where each kill strikes: seconds for the odd ones, system calls for the others.
awk -v n="$kills" -v seed="$seed" 'BEGIN {
	srand(seed)
	for (i = 1; i <= n; i++)
		if (i % 2) printf "%d %.4f\n", i, rand() * 0.08
		else printf "%d %d\n", i, 1 + rand() * 1500
}' >"$work/plan"

old=0 new=0 left=0 traced=yes
echo none >"$log"
while read -r number where; do
	if [ $((number % 2)) -eq 1 ] || [ $traced = no ]; then
		[ $((number % 2)) -eq 1 ] || where=0.03
		kill_at_time "$number" "$where"
	else
		kill_at_call "$number" "$where"
	fi
	look "$number" "$where"
done <"$work/plan"

echo "$kills kills: $new times the new state, $old times the old one, $left times with leftover files"
[ $traced = yes ] || echo "programs cannot be traced here: all kills came at some time"
# A test that never strikes in the middle of a change shows nothing.
[ "$new" -gt 0 ] && [ "$old" -gt 0 ]
