# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the table of bench/run from its results, and says which targets are met.

function median(list,    n, v, i, j, t) {
	n = split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	least = v[1]
	most = v[n]
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function ratio(a, b) {
	return a && b ? sprintf("%.4f", a / b) : "-"
}

# The emulator that runs the same guest on the same model of processor, one step nearer to stock.
function before(config) {
	if (config == "socket" || config == "client") return "on"
	return config == "on" ? "milan" : config == "off" ? "stock" : ""
}

function row(boot, config,    key, base, same) {
	key = boot " " config
	if (!(key in times)) return
	cpu[key] = median(times[key])
	spread = sprintf("%.2f..%.2f", least, most)
	count[key] = counts[key] ~ /-/ ? 0 : median(counts[key])
	base = boot " stock"
	same = before(config) ? boot " " before(config) : "-"
	printf "%-7s %-15s %-11s %7.2f %-14s %7s %7s %9s %7s %7s\n", boot, name[config], model[config],
		cpu[key], spread, ratio(cpu[key], cpu[base]), ratio(cpu[key], cpu[same]),
		count[key] ? sprintf("%.3f", count[key] / 1e9) : "-",
		ratio(count[key], count[base]), ratio(count[key], count[same])
}

function verdict(value, most) {
	return value <= most ? "PASS" : "ABOVE TARGET"
}

function target(what, value, format, most, unit) {
	printf "%-62s " format "  at most " format "%s  %s\n", what, value, most, unit,
		verdict(value, most)
}

# Two steps, each between emulators that run the same guest on the same model.
function instruction_targets(by, n,    off, on) {
	off = n["shell off"] / n["shell stock"]
	on = n["shell on"] / n["shell milan"]
	target("instructions, " by ": SEV off / stock", off, "%.5f", 1.002, "")
	target("instructions, " by ": SEV on / SEV off * SEV off / stock", on * off, "%.5f", 1.03, "")
}

# What a control socket costs that is not used.
function socket_target(by, n, config,    what) {
	what = config == "client" ? "and a client, idle" : "open"
	if (n["shell " config])
		target(by ": control socket " what " / none", n["shell " config] / n["shell on"],
			"%.5f", 1.01, "")
}

function memory_target(boot, blobs,    more) {
	more = peak[boot " on"] - peak["shell stock"]
	target("peak memory, " boot ", SEV on - stock, KiB", more, "%.0f",
		512 * 256 * 2 / 1024 + 4096 + blobs / 1024, "")
}

$1 == "run" {
	key = $2 " " $3
	times[key] = times[key] " " $4
	counts[key] = counts[key] " " $5
}
$1 == "resident" { peak[$2 " " $3] = $6 }
$1 == "callgrind" { grind[$2 " " $3] = $4 }
$1 == "blobs" { blobs = $2 }
$1 == "pages" { pages = substr($0, 7) }

END {
	split("stock off milan on socket client", configs, " ")
	split("shell kernel demo", boots, " ")
	name["stock"] = "stock Bochs"; model["stock"] = "ryzen"
	name["off"] = "ours, SEV off"; model["off"] = "ryzen"
	name["milan"] = "ours, SEV off"; model["milan"] = "epyc_milan"
	name["on"] = "ours, SEV on"; model["on"] = "epyc_milan"
	name["socket"] = "SEV, socket"; model["socket"] = "epyc_milan"
	name["client"] = "SEV, client"; model["client"] = "epyc_milan"

	printf "\n%48s%-31s %s\n", "", "CPU time", "host instructions"
	printf "%-7s %-15s %-11s %7s %-14s %7s %7s %9s %7s %7s\n", "boot", "emulator", "CPU model",
		"median", "s, min..max", "/stock", "/same", "10^9", "/stock", "/same"
	for (b = 1; b in boots; b++)
		for (c = 1; c in configs; c++)
			row(boots[b], configs[c])

	print "\nshell   Debian's OVMF, " ticks " million ticks of the guest: it waits in its shell"
	print "kernel  the same OVMF starts Debian's kernel from a FAT disk, to its first program"
	print "demo    the demo's guest from fw_cfg, measured and encrypted, until it switches itself off"
	print "/stock  to stock Bochs, whose processor differs from epyc_milan: what a guest does about"
	print "        that (48 address bits, other features) is in this ratio, above or below 1"
	print "/same   to the emulator of the same model without SEV (stock for ryzen): the same guest,"
	print "        so what is left is our code and what a guest does because SEV is on"
	print "CPU     user and system"
	print "socket  a control socket, without a client and with one that says nothing"
	print ""
	if (count["shell stock"])
		instruction_targets("counters", count)
	if ("shell stock" in grind)
		instruction_targets("callgrind", grind)
	socket_target("instructions", count, "socket")
	socket_target("instructions", count, "client")
	socket_target("callgrind", grind, "socket")
	socket_target("CPU time", cpu, "socket")
	socket_target("CPU time", cpu, "client")
	memory_target("shell", 0)
	memory_target("demo", blobs)
	split(pages, p, /[^0-9]+/)
	target("page conversions of the demo, first touches aside", p[2] + p[3], "%.0f", 2000, "")
	print "pages converted by the demo: " pages
}
