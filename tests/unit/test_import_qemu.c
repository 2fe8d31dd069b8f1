/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's command line: every option that has a counterpart, taken over and refused. */
#include "tests/unit/import_test.h"

#define reads(text)	   reads_with(import_qemu, text)
#define refuses(text, why) refuses_with(import_qemu, text, why)

#define SEV \
	"-M pc,confidential-guest-support=s -object sev-guest,id=s,cbitpos=51,reduced-phys-bits=1"

static void machine(void **state)
{
	(void)state;
	reads("qemu-system-x86_64 -m 1G -smp 4 -bios f.fd -cpu EPYC-Milan -M pc");
	assert_int_equal(im.memory, 1024);
	assert_int_equal(im.cpus, 4);
	assert_string_equal(im.firmware, "f.fd");
	assert_int_equal(im.note_count, 0);
	assert_int_equal(im.sev.type, SEV_TYPE_NONE);
	assert_true(prints("memory: guest=1024, host=1024"));
	assert_true(prints("romimage: file=f.fd, address=0x0"));
	assert_true(prints("sev: type=none"));
	reads("-M q35 -cpu host --smp 2");
	assert_true(noted("-machine q35: Bochs' machine is an i440FX"));
	assert_true(noted("-cpu host: the processor is an EPYC-Milan"));
	assert_true(noted("no -m: QEMU's 128 MiB"));
	assert_int_equal(im.memory, 128);
	assert_int_equal(im.cpus, 2);
}

static void memory(void **state)
{
	(void)state;
	reads("-m size=1.5G,slots=2,maxmem=4G");
	assert_int_equal(im.memory, 1536);
	assert_true(noted("memory is not added"));
	reads("-m 4096");
	assert_int_equal(im.memory, 2048);
	assert_true(noted("at most 2048 MiB"));
	reads("-m 17000K");
	assert_int_equal(im.memory, 17);
	assert_true(noted("rounded up to 17 MiB"));
	refuses("-m 15", "vm:1:4: fw_cfg: 15 MiB of memory: 16..3072 MiB are legal");
	refuses("-m 1Q", "vm:1:4: -m 1Q: not a size");
	refuses("-m 0", "no memory");
	refuses("-m", "vm:1:1: -m: the last word; legal with a value");
}

static void processors(void **state)
{
	(void)state;
	reads("-smp cpus=3");
	assert_int_equal(im.cpus, 3);
	reads("-smp sockets=2,cores=2,threads=2");
	assert_int_equal(im.cpus, 8);
	reads("-smp 4,sockets=1,cores=4,threads=1,maxcpus=8");
	assert_int_equal(im.cpus, 4);
	reads("-smp 64");
	assert_int_equal(im.cpus, 8);
	assert_true(noted("at most 8 processors"));
	refuses("-smp 0", "no processor");
	refuses("-smp x", "-smp x: not a number of processors");
	refuses("-smp cores=0", "-smp cores=0: legal is 1 to 65535");
	refuses("-smp cores=65535,threads=65535", "more than 65535");
}

static void boot(void **state)
{
	(void)state;
	reads("-kernel k -initrd 'i j' -append 'console=ttyS0 x=1,2'");
	assert_true(prints("fw_cfg: kernel=k, initrd=\"i j\", append=\"console=ttyS0 x=1,2\""));
	reads("-machine pc,kernel=k,initrd=i,append=a,firmware=f");
	assert_true(prints("fw_cfg: kernel=k, initrd=i, append=\"a\"") ||
		    prints("fw_cfg: kernel=k, initrd=i, append=a"));
	assert_string_equal(im.firmware, "f");
	reads("-fw_cfg name=opt/x,file=y -fw_cfg opt/z,string=hello");
	assert_true(
		prints("fw_cfg: file=\"name=opt/x,path=y\", file=\"name=opt/z,path=out.fw_cfg1\""));
	assert_beside("out.fw_cfg1", "hello");
	refuses("-fw_cfg opt/x,file=y -fw_cfg opt/x,file=z", "vm:1:30: fw_cfg: ");
	refuses("-fw_cfg opt/x", "legal is name=NAME and one of");
	refuses("-kernel ''", "vm:1:9: fw_cfg: kernel=: legal is anything but nothing");
	refuses("-kernel 'a\"b'", "cannot be written");
	reads("-append x -kernel k");
	again();
	assert_int_equal(import_qemu(&im, "vm", "-S -append x", 12), 0);
	assert_null(import_text(&im, "vm"));
	assert_string_equal(im.err.text, "vm:1:12: an initramfs or a command line; legal only "
					 "together with a kernel");
}

static void firmware(void **state)
{
	(void)state;
	reads("-drive if=pflash,format=raw,unit=0,file=CODE.fd,readonly=on "
	      "-drive if=pflash,format=raw,unit=1,file=VARS.fd");
	assert_string_equal(im.firmware, "CODE.fd");
	assert_true(im.has_vars);
	assert_true(prints("# firmware: its variables are in a flash of their own."));
	reads("-drive if=pflash,file=A -drive if=pflash,file=B");
	assert_string_equal(im.firmware, "A");
	assert_true(im.has_vars);
	reads("-drive if=pflash,format=raw,file=A");
	assert_false(im.has_vars);
	reads("-blockdev '{\"driver\":\"file\",\"filename\":\"A\",\"node-name\":\"s\"}' "
	      "-blockdev driver=raw,node-name=f,file=s -machine pc,pflash0=f");
	assert_string_equal(im.firmware, "A");
	reads("-m 512");
	assert_true(prints("romimage: file=OVMF.fd"));
	assert_true(noted("no firmware is named"));
	refuses("-machine pc,pflash0=f", "vm:1:10: -machine pflash0=f: there is no such -blockdev");
	refuses("-blockdev driver=raw,node-name=f,file=f -machine pflash0=f", "no such -blockdev");
	refuses("-drive if=pflash", "-drive if=pflash: legal is file=FILE");
	refuses("-drive if=pflash,unit=2,file=A", "unit=2: legal is 0 or 1");
	refuses("-bios ''", "names no file");
}

static void disks(void **state)
{
	(void)state;
	reads("-hda a.img -drive file=b.img,format=raw,if=ide,index=3 -cdrom c.iso");
	assert_string_equal(im.disks[0].path, "a.img");
	assert_string_equal(im.disks[3].path, "b.img");
	assert_string_equal(im.disks[2].path, "c.iso");
	assert_true(im.disks[2].cdrom);
	reads("qemu-system-x86_64 a.img");
	assert_string_equal(im.disks[0].path, "a.img");
	reads("-drive file=a.iso,media=cdrom,bus=1,unit=1");
	assert_true(im.disks[3].cdrom);
	reads("-drive id=d,if=none,file=a.img,format=raw -device ide-hd,drive=d,bus=ide.1,unit=0");
	assert_string_equal(im.disks[2].path, "a.img");
	reads("-blockdev driver=raw,node-name=n,file.driver=file,file.filename=a.img "
	      "-device ide-cd,drive=n");
	assert_string_equal(im.disks[0].path, "a.img");
	assert_true(im.disks[0].cdrom);
	reads("-drive file=a.qcow2 -hdb b.qcow2 -drive file=c,format=qcow2");
	assert_null(im.disks[0].path);
	assert_true(noted("disk a.qcow2: not a raw image"));
	assert_true(noted("disk c: not a raw image"));
	assert_false(noted("stays"));
	reads("-drive file=a,snapshot=on,readonly=off -drive id=b,file=b,if=none,readonly=on "
	      "-device ide-hd,drive=b -blockdev driver=file,node-name=c,filename=c,read-only=on "
	      "-device ide-hd,drive=c -drive file=d,media=cdrom,readonly=on");
	assert_true(noted("disk a: snapshot: what a guest writes to it stays"));
	assert_true(noted("disk b: readonly: what a guest writes to it stays"));
	assert_true(noted("disk c: read-only: what a guest writes to it stays"));
	assert_false(noted("disk a: readonly"));
	assert_false(noted("disk d: "));
	refuses("-drive file=a,snapshot=perhaps", "snapshot=perhaps: legal is on or off");
	reads("-drive file=a.img,if=virtio");
	assert_null(im.disks[0].path);
	assert_true(noted("Bochs has no virtio"));
	reads("-drive if=none,id=d,file=a.img,format=raw -device virtio-blk-pci,drive=d");
	assert_true(noted("-device virtio-blk-pci,drive=d (a.img): Bochs has no virtio"));
	refuses("-device ide-hd,drive=x", "there is no such -drive or -blockdev");
	refuses("-drive file=a,index=x", "-drive index=x");
}

static void control_socket(void **state)
{
	(void)state;
	reads("-qmp unix:/tmp/q,server=on,wait=off -S");
	assert_true(prints("qmp: socket=/tmp/q, paused=1"));
	reads("-qmp unix:/tmp/q,server,nowait");
	assert_true(prints("qmp: socket=/tmp/q, paused=0"));
	reads("-chardev socket,id=c,path=/tmp/q,server=on,wait=off -mon chardev=c,mode=control");
	assert_string_equal(im.qmp, "/tmp/q");
	reads("-qmp unix:/tmp/q,server=on");
	assert_true(noted("does not wait for a client"));
	reads("-qmp tcp:localhost:4444,server=on -S");
	assert_null(im.qmp);
	assert_false(im.paused);
	assert_true(noted("-S: nobody could let the guest run"));
	reads("-qmp unix:/tmp/q");
	assert_null(im.qmp);
	refuses("-mon chardev=c,mode=control", "there is no -chardev of this id");
}

static void console(void **state)
{
	(void)state;
	reads("-serial file:log.txt");
	assert_true(prints("com1: enabled=1, mode=file, dev=log.txt"));
	reads("-chardev file,id=c,path=log.txt -serial chardev:c");
	assert_string_equal(im.serial, "log.txt");
	reads("-m 16 -serial mon:stdio -serial null -nographic");
	assert_true(noted("-serial mon:stdio: the console goes to a file"));
	assert_true(noted("-serial null: one serial port is set up"));
	assert_true(prints("com1: enabled=1, mode=file, dev=serial.log"));
}

static void without_counterpart(void **state)
{
	(void)state;
	reads("-m 16 -device virtio-net-pci -netdev user,id=n -no-reboot -name x -enable-kvm");
	assert_true(noted("-device virtio-net-pci: Bochs has no virtio"));
	assert_true(noted("-netdev user,id=n: no network is set up"));
	assert_true(noted("-no-reboot: a reset does not end the run"));
	assert_true(noted("-name x: "));
	assert_true(prints("# -device virtio-net-pci: Bochs has no virtio"));
	refuses("-m 16 -bogus", "vm:1:7: -bogus: not an option of QEMU that is known here");
	reads("-spice port=1,password=hunter2 -iscsi user=a,password=hunter2");
	assert_true(noted("-spice: there is no display"));
	assert_false(noted("hunter2"));
	reads("-enable-kvm");
	assert_int_equal(im.taken, 0);
}

/* --- sev-guest -------------------------------------------------------------------------------- */

static void sev_guest(void **state)
{
	(void)state;
	reads("-kernel k -object sev-guest,id=sev0,cbitpos=47,reduced-phys-bits=2,policy=0x3,"
	      "kernel-hashes=on,handle=7,dh-cert-file=g.b64,session-file=s,,1.b64 "
	      "-machine q35,confidential-guest-support=sev0");
	assert_int_equal(im.sev.type, SEV_TYPE_SEV);
	assert_true(prints("sev: type=sev, cbitpos=47, reduced_phys_bits=2, policy=0x3, "
			   "kernel_hashes=1, handle=7"));
	assert_true(prints("sev: dh_cert_file=g.b64, session_file=\"s,1.b64\""));
	assert_true(prints("#psp: state=DIR"));
	reads("-object '{\"qom-type\":\"sev-guest\",\"id\":\"lsec0\",\"cbitpos\":51,"
	      "\"reduced-phys-bits\":1,\"policy\":9}' -machine pc,memory-encryption=lsec0");
	assert_true(prints("sev: type=sev, cbitpos=51, reduced_phys_bits=1, policy=0x9"));
	reads(SEV);
	assert_int_equal(im.sev.policy, 1);
	assert_false(im.sev.kernel_hashes);
	reads(SEV ",policy=011");
	assert_int_equal(im.sev.policy, 9);
	reads(SEV ",kernel-hashes=off -kernel k");
	assert_true(prints("# a kernel without kernel hashes is not measured"));
	reads(SEV ",kernel-hashes=on");
	assert_false(im.sev.kernel_hashes);
	assert_true(noted("kernel hashes without a kernel"));
	reads(SEV ",sev-device=/dev/sev,legacy-vm-type=on");
	assert_true(noted("sev-device=/dev/sev: the Secure Processor is emulated"));
	reads("-M memory-encryption=s -object sev-guest,id=s,reduced-phys-bits=1");
	assert_true(noted("no cbitpos=: 51 is taken"));
}

static void sev_guest_refused(void **state)
{
	(void)state;
	refuses(SEV ",policy=x", "policy=x: not a number");
	refuses(SEV ",policy=0x100000000", "sev: policy=0x100000000: legal is");
	refuses(SEV ",policy=0x40", "bits 15:6 are reserved");
	refuses(SEV ",cbitpos=32", "sev: cbitpos=32: legal is 40..51");
	refuses(SEV ",cbitpos=63", "sev: cbitpos=63: legal is 40..51");
	refuses(SEV ",reduced-phys-bits=0", "sev: reduced_phys_bits=0: legal is 1..63");
	refuses(SEV ",reduced-phys-bits=64", "sev: reduced_phys_bits=64: legal is 1..63");
	refuses(SEV ",handle=-1", "handle=-1: not a number");
	refuses(SEV ",kernel-hashes=maybe", "kernel-hashes=maybe: legal is on or off");
	refuses(SEV ",session-file=s", "session_file=s: given without dh_cert_file");
	refuses(SEV ",dh-cert-file=s", "dh_cert_file=s: given without session_file");
	refuses(SEV ",tik=t", "-object sev-guest: tik: not a property; legal are cbitpos");
	refuses(SEV ",cbitpas=1", "cbitpas: not a property; legal are cbitpos");
	refuses("-M pc,memory-encryption=s",
		"vm:1:4: -machine memory-encryption=s: there is no -object");
	refuses("-M pc,memory-encryption=s -object rng-random,id=s",
		"rng-random: does not protect");
	reads("-m 16 -object sev-guest,id=s -object rng-random,id=r");
	assert_int_equal(im.sev.type, SEV_TYPE_NONE);
	assert_true(
		noted("-object sev-guest: -machine does not name it: the guest is not protected"));
	assert_true(noted("-object rng-random: not taken over"));
}

static void sev_emulated(void **state)
{
	static const uint8_t zeros[16];

	(void)state;
	reads("-accel tcg -object sev-emulated,id=s,cbitpos=47,reduced-phys-bits=1 "
	      "-machine memory-encryption=s");
	assert_string_equal(im.sev.tik, "out.tik");
	assert_string_equal(im.sev.tek, "out.tek");
	assert_int_equal(beside("out.tik")->size, 16);
	assert_memory_equal(beside("out.tik")->data, zeros, 16);
	assert_int_equal(beside("out.tek")->mode, 0600);
	reads("-object sev-emulated,id=s,tik=a,tek=b -machine memory-encryption=s");
	assert_string_equal(im.sev.tik, "a");
	assert_int_equal(im.file_count, 0);
	reads("-object sev-emulated,id=s,tik=a -machine memory-encryption=s");
	assert_string_equal(im.sev.tik, "a");
	assert_string_equal(im.sev.tek, "out.tek");
	reads("-object sev-emulated,id=s,session-file=a,dh-cert-file=b -M memory-encryption=s");
	assert_null(im.sev.session_file);
	assert_true(noted("session-file=a: it has its keys in the clear"));
}

static void not_there_yet(void **state)
{
	(void)state;
	reads("-object sev-snp-guest,id=s,policy=0x30000,cbitpos=51 "
	      "-machine confidential-guest-support=s -m 512");
	assert_string_equal(im.missing, "-object sev-snp-guest,id=s,policy=0x30000,cbitpos=51");
	assert_int_equal(im.sev.type, SEV_TYPE_NONE);
	assert_true(prints("# NOT PROTECTED. Not there yet: -object sev-snp-guest"));
	assert_true(prints("sev: type=none"));
	reads("-object igvm-cfg,id=i,file=g.igvm -machine igvm-cfg=i");
	assert_string_equal(im.missing, "-object igvm-cfg,id=i,file=g.igvm");
	refuses("-object igvm-cfg,id=i -machine igvm-cfg=i",
		"-object igvm-cfg: legal is file=FILE");
	refuses("-object rng,id=i,file=g -machine igvm-cfg=i", "-object rng: legal is igvm-cfg");
	refuses("-object igvm-cfg,id=i,file=g -machine igvm-cfg=i -drive if=pflash,file=f",
		"-object igvm-cfg beside a firmware; legal is one of the two");
	refuses("-object igvm-cfg,id=i,file=g -machine igvm-cfg=i -bios f", "beside a firmware");
}

/* The policy is what demands SEV-ES. */
static void sev_es(void **state)
{
	struct sev_options options;
	struct sev_error err;
	bool known;

	(void)state;
	sev_options_init(&options);
	known = sev_options_set(&options, "type=sev-es", &err) == 0;
	reads(SEV ",policy=0x5");
	if (known) {
		assert_int_equal(im.sev.type, SEV_TYPE_SEV_ES);
		assert_true(prints("sev: type=sev-es, "));
	} else {
		assert_string_equal(im.missing, "the guest's policy 0x5 demands SEV-ES");
		assert_true(prints("sev: type=none"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(machine),
		TEST(memory),
		TEST(processors),
		TEST(boot),
		TEST(firmware),
		TEST(disks),
		TEST(control_socket),
		TEST(console),
		TEST(without_counterpart),
		TEST(sev_guest),
		TEST(sev_guest_refused),
		TEST(sev_emulated),
		TEST(not_there_yet),
		TEST(sev_es),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
