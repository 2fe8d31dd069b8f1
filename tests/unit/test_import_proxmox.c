/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Proxmox' file of a virtual machine: its settings, and its arithmetic of policies. */
#include "tests/unit/import_test.h"

#define reads(text)	   reads_with(import_proxmox, text)
#define refuses(text, why) refuses_with(import_proxmox, text, why)

static void machine(void **state)
{
	(void)state;
	reads("#a server\nbios: ovmf\ncores: 2\nsockets: 2\nmemory: 1024\ncpu: EPYC-Milan\n");
	assert_int_equal(im.memory, 1024);
	assert_int_equal(im.cpus, 4);
	assert_int_equal(im.note_count, 0);
	assert_int_equal(im.sev.type, SEV_TYPE_NONE);
	reads("memory: 0512\ncores: 010\nsockets: 1\nvcpus: 07\n"); /* decimal */
	assert_int_equal(im.memory, 512);
	assert_int_equal(im.cpus, 7);
	refuses("memory: 0x200\n", "not a size");
	reads("memory: current=2048\r\nvcpus: 3\r\ncores: 4\r\ncpu: host\r\nmachine: q35\r\n");
	assert_int_equal(im.memory, 2048);
	assert_int_equal(im.cpus, 3);
	assert_true(noted("cpu: host: the processor is an EPYC-Milan"));
	assert_true(noted("machine: q35: Bochs' machine is an i440FX"));
	reads("bios: ovmf");
	assert_int_equal(im.memory, 512);
	assert_true(noted("no memory: Proxmox' 512 MiB"));
	refuses("memory: 1G\n", "vm:1:9: memory: 1G: not a size");
	refuses("memory: 0\n", "no memory");
	refuses("memory: 16\ncores: 0\n", "vm:2:8: cores: 0: legal is 1 to 65535");
	refuses("sockets: x\n", "sockets: x: legal");
	refuses("bios: uefi\n", "bios: uefi: legal is ovmf or seabios");
}

static void lines(void **state)
{
	(void)state;
	refuses("memory 512\n", "vm:1:7: memory 512: not a setting; legal is `key: value`");
	refuses("\n\n  memory: 512\n", "vm:3:1: ");
	refuses("memory:\n", "vm:1:8: memory: no value");
	refuses("bogus: 1\n", "vm:1:1: bogus: not a setting of Proxmox' that is known here");
	refuses("memory0x: 1\n", "memory0x: not a setting");
	reads("name: x\nonboot: 1\n");
	assert_int_equal(im.taken, 0);
}

static void snapshots(void **state)
{
	(void)state;
	reads("bios: ovmf\nmemory: 512\n\n[before]\nmemory: 1024\nbogus\namd-sev: std\n");
	assert_int_equal(im.memory, 512);
	assert_int_equal(im.sev.type, SEV_TYPE_NONE);
	assert_true(noted("[before] and what follows: not the current configuration"));
}

static void without_counterpart(void **state)
{
	(void)state;
	reads("memory: 512\nnet0: virtio=AA:BB,bridge=vmbr0\nscsi0: local:vm-1-disk-0,size=4G\n"
	      "efidisk0: local:vm-1-disk-1,size=4M\ncipassword: hunter2\nsmbios1: uuid=1\n");
	assert_true(noted("net0: virtio=AA:BB,bridge=vmbr0: no network is set up"));
	assert_true(noted("scsi0: local:vm-1-disk-0,size=4G: Bochs has no SCSI"));
	assert_true(noted("efidisk0: "));
	assert_true(noted("cipassword: no cloud-init drive"));
	assert_false(noted("hunter2"));
}

static void disks(void **state)
{
	(void)state;
	reads("ide0: /a.img,format=raw\nide2: none,media=cdrom\nsata1: /b.img\n"
	      "ide3: /c.iso,media=cdrom\n");
	assert_string_equal(im.disks[0].path, "/a.img");
	assert_string_equal(im.disks[1].path, "/b.img");
	assert_string_equal(im.disks[3].path, "/c.iso");
	assert_true(im.disks[3].cdrom);
	assert_null(im.disks[2].path);
	assert_false(noted("stays"));
	reads("ide0: /a.img,snapshot=1\nide1: /b.img,ro=1\nide2: /c.iso,media=cdrom,ro=1\n"
	      "sata3: /d.img,snapshot=0\n");
	assert_true(noted("disk /a.img: snapshot: what a guest writes to it stays"));
	assert_true(noted("disk /b.img: ro: what a guest writes to it stays"));
	assert_false(noted("disk /c.iso"));
	assert_false(noted("disk /d.img"));
	reads("ide0: local:vm-1-disk-0,size=4G\nide1: /a.qcow2\nide2: /b,format=qcow2\n");
	assert_null(im.disks[0].path);
	assert_true(noted("ide0: local:vm-1-disk-0: a volume of a storage"));
	assert_true(noted("ide1: /a.qcow2: not a raw image"));
	assert_true(noted("ide2: /b: not a raw image"));
	refuses("ide0: size=4G\n", "ide0: names no disk");
}

static void arguments(void **state)
{
	(void)state;
	reads("bios: ovmf\nargs: -kernel /k -initrd /i -append 'console=ttyS0 quiet'\n"
	      "amd_sev: type=std,kernel-hashes=1\n");
	assert_true(prints("fw_cfg: kernel=/k, initrd=/i, append=\"console=ttyS0 quiet\""));
	assert_true(im.sev.kernel_hashes);
	refuses("memory: 16\nargs: -kernel k -bogus\n", "vm:2:17: -bogus: not an option");
	refuses("args: -append 'x\n", "vm:1:15: '");
}

/* --- amd_sev ---------------------------------------------------------------------------------- */

static void policies(void **state)
{
	static const struct {
		const char *value;
		unsigned policy;
	} legal[] = {
		{ "std", 0x8 },
		{ "type=std", 0x8 },
		{ "std,no-debug=1", 0x9 },
		{ "type=std,nodbg=1", 0x9 },
		{ "std,no-key-sharing=1", 0xa },
		{ "std,noks=1", 0xa },
		{ "std,nodbg=1,noks=1", 0xb },
		{ "no-debug=1,type=std,no-key-sharing=on", 0xb },
		{ "std,no-debug=0,noks=0", 0x8 },
	};
	static const char *const keys[] = { "amd_sev", "amd-sev" };
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++) {
		snprintf(text, sizeof(text), "%s: %s\nbios: ovmf\n", keys[i % 2], legal[i].value);
		reads(text);
		assert_int_equal(im.sev.type, SEV_TYPE_SEV);
		assert_int_equal(im.sev.policy, legal[i].policy);
		assert_false(im.sev.kernel_hashes);
		assert_true(noted("cbitpos and reduced-phys-bits are the host's"));
	}
}

static void policies_refused(void **state)
{
	(void)state;
	refuses("bios: ovmf\namd_sev: sev\n",
		"vm:2:10: amd_sev: type=sev: legal is std, es or snp");
	refuses("bios: ovmf\namd_sev: nodbg=1\n", "amd_sev: type=: legal is std, es or snp");
	refuses("bios: ovmf\namd-sev: std,nodebug=1\n",
		"amd_sev: nodebug: not a property; legal are");
	refuses("bios: ovmf\namd-sev: std,nodbg=2\n", "nodbg=2: legal is on or off");
	refuses("amd-sev: std\n", "vm:1:10: amd_sev: std: without bios: ovmf; legal only with it");
	refuses("bios: seabios\namd-sev: std\n", "without bios: ovmf");
	refuses("amd-sev: snp\n", "without bios: ovmf");
}

/* SEV-ES and SEV-SNP: what the emulator has of them decides. */
static void not_there_yet(void **state)
{
	struct sev_options options;
	struct sev_error err;

	(void)state;
	reads("bios: ovmf\namd-sev: snp,no-debug=1,kernel-hashes=1\n");
	assert_non_null(strstr(im.missing, "sev-snp-guest,policy=0x30000,kernel-hashes=on"));
	reads("bios: ovmf\namd-sev: snp\n");
	assert_non_null(strstr(im.missing, "policy=0xb0000"));
	reads("bios: ovmf\namd-sev: snp,allow-smt=0\n");
	assert_non_null(strstr(im.missing, "policy=0xa0000"));
	sev_options_init(&options);
	reads("bios: ovmf\namd-sev: es,no-debug=1,no-key-sharing=1\n");
	assert_int_equal(im.sev.policy, 0xf);
	if (sev_options_set(&options, "type=sev-es", &err) == 0)
		assert_int_equal(im.sev.type, SEV_TYPE_SEV_ES);
	else
		assert_string_equal(im.missing, "the guest's policy 0xf demands SEV-ES");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(machine),
		TEST(lines),
		TEST(snapshots),
		TEST(without_counterpart),
		TEST(disks),
		TEST(arguments),
		TEST(policies),
		TEST(policies_refused),
		TEST(not_there_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
