/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's XML of a domain: every element that has a counterpart, taken over and refused. */
#include "tests/unit/import_test.h"

#define reads(text)	   reads_with(import_libvirt, text)
#define refuses(text, why) refuses_with(import_libvirt, text, why)

#define DOMAIN(inside)	 "<domain type='kvm'>" inside "</domain>"
#define KERNEL		 "<os><kernel>k</kernel></os>"
#define SECURITY(inside) DOMAIN(KERNEL "<launchSecurity type='sev'>" inside "</launchSecurity>")

static void machine(void **state)
{
	(void)state;
	reads(DOMAIN("<name>x</name><memory unit='GiB'>1</memory><vcpu placement='static'>4</vcpu>"
		     "<cpu mode='custom'><model>EPYC-Milan</model></cpu>"));
	assert_int_equal(im.memory, 1024);
	assert_int_equal(im.cpus, 4);
	assert_int_equal(im.note_count, 0);
	assert_int_equal(im.sev.type, SEV_TYPE_NONE);
	reads(DOMAIN(
		"<memory> 524288 </memory><vcpu current='2'>4</vcpu><cpu mode='host-model'/>"));
	assert_int_equal(im.memory, 512);
	assert_int_equal(im.cpus, 2);
	assert_true(noted("<cpu mode='host-model'>: the processor is an EPYC-Milan"));
	refuses(DOMAIN("<memory>x</memory>"), "vm:1:20: <memory>x: not a size");
	refuses(DOMAIN("\n <memory unit='stone'>1</memory>"),
		"vm:2:2: <memory unit='stone'>: legal");
	refuses(DOMAIN("<memory unit='EiB'>99</memory>"), "not a size");
	refuses(DOMAIN("<vcpu>0</vcpu>"), "no processor");
	refuses(DOMAIN("<vcpu>many</vcpu>"), "<vcpu>many: not a number");
}

static void units(void **state)
{
	static const struct {
		const char *unit, *number;
		unsigned mib;
	} legal[] = {
		{ "b", "104857600", 100 },
		{ "bytes", "104857601", 101 },
		{ "k", "102400", 100 },
		{ "KiB", "102400", 100 },
		{ "KB", "102400", 98 },
		{ "M", "100", 100 },
		{ "MiB", "100", 100 },
		{ "MB", "100", 96 },
		{ "GiB", "1", 1024 },
		{ "GB", "1", 954 },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++) {
		snprintf(text, sizeof(text), DOMAIN("<memory unit='%s'>%s</memory>"), legal[i].unit,
			legal[i].number);
		reads(text);
		assert_int_equal(im.memory, legal[i].mib);
	}
}

static void boot(void **state)
{
	(void)state;
	reads(DOMAIN("<os><type arch='x86_64' machine='pc-i440fx-8.0'>hvm</type>"
		     "<loader readonly='yes' type='rom'>/f.fd</loader><kernel>/k</kernel>"
		     "<initrd>/i</initrd><cmdline>console=ttyS0 a=&quot;b&quot;</cmdline></os>"));
	assert_int_equal(im.note_count, 0);
	assert_string_equal(im.firmware, "/f.fd");
	assert_true(prints("fw_cfg: kernel=/k, initrd=/i, append_file=out.cmdline"));
	assert_beside("out.cmdline", "console=ttyS0 a=\"b\"");
	reads(DOMAIN("<os firmware='efi'><type machine='q35'>hvm</type><nvram>/v</nvram>"
		     "<boot dev='hd'/></os>"));
	assert_true(noted("<type machine='q35'>: Bochs' machine is an i440FX"));
	assert_true(noted("<boot dev='hd'>: the firmware decides"));
	assert_true(im.has_vars);
	refuses(DOMAIN("<os><type arch='aarch64'>hvm</type></os>"),
		"arch='aarch64'>: legal is x86_64");
	refuses(DOMAIN("<os><kernel></kernel></os>"), "fw_cfg: kernel=: legal is anything");
	refuses(DOMAIN("<os><cmdline>a\nb</cmdline></os>"), "line break");
	refuses(DOMAIN("<os><loader>a$b</loader></os>"), "cannot be written");
}

static void devices(void **state)
{
	(void)state;
	reads(DOMAIN("<devices><emulator>/q</emulator><disk type='file' device='disk'>"
		     "<driver name='qemu' type='raw'/><source file='/a.img'/>"
		     "<target dev='hdb' bus='ide'/></disk><disk type='block' device='cdrom'>"
		     "<source dev='/dev/sr0'/><target dev='sdc' bus='sata'/></disk>"
		     "<serial type='file'><source path='/log'/></serial></devices>"));
	assert_string_equal(im.disks[1].path, "/a.img");
	assert_string_equal(im.disks[2].path, "/dev/sr0");
	assert_true(im.disks[2].cdrom);
	assert_string_equal(im.serial, "/log");
	assert_int_equal(im.note_count, 0);
	reads(DOMAIN("<devices><disk type='file'><driver type='qcow2'/><source file='/a'/>"
		     "<target dev='hda'/></disk><disk type='file'><source file='/b'/>"
		     "<target dev='vda' bus='virtio'/></disk><disk type='network'/>"
		     "<graphics passwd='hunter2' type='vnc'/><interface type='network'/><serial "
		     "type='pty'/><gadget/></devices>"));
	assert_null(im.disks[0].path);
	assert_true(noted("disk /a: not a raw image"));
	assert_true(noted("disk /b: Bochs has no virtio"));
	assert_true(noted("<disk type='network'>: not a file"));
	assert_true(noted("<interface type='network'>: no network is set up"));
	assert_true(noted("<serial type='pty'>: the console goes to a file"));
	assert_true(noted("<gadget>: not taken over"));
	assert_true(noted("<graphics type='vnc'>: "));
	assert_false(noted("hunter2"));
	reads(DOMAIN("<devices><disk type='file'><source file='/a'/><target dev='hda'/><readonly/>"
		     "</disk><disk type='file'><source file='/b'/><target dev='hdb'/><transient/>"
		     "</disk><disk device='cdrom'><source file='/c'/><target dev='hdc'/>"
		     "<readonly/></disk></devices>"));
	assert_true(noted("disk /a: readonly: what a guest writes to it stays"));
	assert_true(noted("disk /b: transient: what a guest writes to it stays"));
	assert_false(noted("disk /c"));
}

/* --- launch security -------------------------------------------------------------------------- */

static void launch_security(void **state)
{
	(void)state;
	reads(DOMAIN(KERNEL "<launchSecurity type='sev' kernelHashes='yes'><cbitpos>47</cbitpos>"
			    "<reducedPhysBits>2</reducedPhysBits><policy>0x0003</policy>"
			    "</launchSecurity>"));
	assert_int_equal(im.note_count, 0);
	assert_true(prints("sev: type=sev, cbitpos=47, reduced_phys_bits=2, policy=0x3, "
			   "kernel_hashes=1"));
	reads(SECURITY("<policy>9</policy>"));
	assert_true(prints("sev: type=sev, cbitpos=51, reduced_phys_bits=1, policy=0x9, "
			   "kernel_hashes=0"));
	assert_true(noted("no <cbitpos>: it is the host's: 51 is taken"));
	assert_true(noted("no <reducedPhysBits>: it is the host's: 1 is taken"));
	reads(DOMAIN("<launchSecurity type='sev' kernelHashes='no'><policy>1</policy>"
		     "</launchSecurity>"));
	assert_false(im.sev.kernel_hashes);
}

/* As before libvirt 4.5, with values as its manual had them. */
static void older_elements(void **state)
{
	(void)state;
	reads(DOMAIN("<launch-security type='sev'><policy> 0x0001 </policy><cbitpos> 47 </cbitpos>"
		     "<reduced-phys-bits> 1 </reduced-phys-bits></launch-security>"));
	assert_int_equal(im.sev.type, SEV_TYPE_SEV);
	assert_int_equal(im.sev.cbitpos, 47);
	assert_int_equal(im.note_count, 0);
	reads(DOMAIN("<sev>\n<cbitpos>\n 47 </cbitpos><reduced-phys-bits>5\t</reduced-phys-bits>"
		     "<policy> 11</policy></sev>"));
	assert_int_equal(im.sev.type, SEV_TYPE_SEV);
	assert_int_equal(im.sev.reduced_phys_bits, 5);
	assert_int_equal(im.sev.policy, 0x11);
}

/* Decimal, whatever they begin with. */
static void machine_numbers(void **state)
{
	(void)state;
	reads("<domain><memory unit='MiB'>0512</memory><vcpu>010</vcpu></domain>");
	assert_int_equal(im.memory, 512);
	assert_int_equal(im.cpus, 8);
	assert_true(noted("at most 8"));
	refuses("<domain><vcpu>0x2</vcpu></domain>", "0x2");
}

/* As libvirt reads them: policies are hexadecimal with or without 0x, the others decimal. */
static void security_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t policy;
	} policies[] = { { "10", 0x10 }, { "0x10", 0x10 }, { "0003", 3 }, { "b", 0xb },
		{ "010", 0x10 } };
	char domain[256];

	(void)state;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		snprintf(domain, sizeof(domain), SECURITY("<policy>%s</policy>"), policies[i].text);
		reads(domain);
		assert_int_equal(im.sev.policy, policies[i].policy);
	}
	reads(SECURITY("<policy>1</policy><cbitpos>047</cbitpos>"
		       "<reducedPhysBits>010</reducedPhysBits>"));
	assert_int_equal(im.sev.cbitpos, 47);
	assert_int_equal(im.sev.reduced_phys_bits, 10);
	reads(SECURITY("<policy>1</policy><handle>3</handle>"));
	assert_int_equal(im.sev.handle, 3);
	refuses(SECURITY("<policy>1</policy><handle>x</handle>"), "<handle>=x: not a number");
	refuses(SECURITY("<policy>1</policy><cbitpos>0x2f</cbitpos>"), "legal is a decimal one");
	refuses(SECURITY("<policy>1g</policy>"), "legal is a hexadecimal one");
	refuses(SECURITY("<policy>-1</policy>"), "legal is a hexadecimal one");
}

static void launch_security_refused(void **state)
{
	(void)state;
	refuses(SECURITY(""), "<launchSecurity>: without <policy>");
	refuses(SECURITY("<policy>x</policy>"), "<policy>=x: not a number");
	refuses(SECURITY("<policy></policy>"), "<policy>=: not a number");
	refuses(SECURITY("<policy>0x80</policy>"), "bits 15:6 are reserved");
	refuses(SECURITY("\n\n  <policy>1</policy>\n <cbitpos>39</cbitpos>"),
		"vm:4:2: sev: cbitpos=39: legal is 40..51");
	refuses(SECURITY("<policy>1</policy><reducedPhysBits>64</reducedPhysBits>"),
		"reduced_phys_bits=64: legal is 1..63");
	refuses(SECURITY("<policy>1</policy><polizy>1</polizy>"), "<polizy>: not a part of");
	refuses(DOMAIN("<launchSecurity type='sev' kernelHashes='on'><policy>1</policy>"
		       "</launchSecurity>"),
		"kernelHashes='on': legal is yes or no");
	refuses(DOMAIN("<launchSecurity type='sgx'/>"), "type='sgx'>: legal is sev or sev-snp");
	refuses(DOMAIN("<launchSecurity/>"), "type=''>: legal is sev or sev-snp");
	refuses(DOMAIN("<sev><policy>1</policy></sev><sev><policy>1</policy></sev>"),
		"a second one");
}

/* <NAME>base64 of size bytes, with blanks and line breaks</NAME> */
static void put_base64(char *out, const char *name, size_t size)
{
	static uint8_t bytes[4096];
	char *text = sev_base64(bytes, size);

	out += sprintf(out, "<%s> \n", name);
	for (size_t i = 0, length = strlen(text); i < length; i += 64)
		out += sprintf(out, "%.64s\n  ", text + i);
	sprintf(out, "</%s>", name);
	free(text);
}

static char *with_session(
	const char *session, size_t session_size, const char *cert, size_t cert_size)
{
	static char all[16384], part[8192];

	strcpy(all, "<domain><launchSecurity type='sev'><policy>1</policy>");
	if (session) {
		put_base64(part, session, session_size);
		strcat(all, part);
	}
	if (cert) {
		put_base64(part, cert, cert_size);
		strcat(all, part);
	}
	return strcat(all, "</launchSecurity></domain>");
}

static void sessions(void **state)
{
	struct sev_blob blob = { 0 };
	const struct import_file *file;

	(void)state;
	for (int older = 0; older < 2; older++) {
		reads(with_session("session", 128, older ? "dh-cert" : "dhCert", 2084));
		assert_string_equal(im.sev.session_file, "out.session.b64");
		assert_string_equal(im.sev.dh_cert_file, "out.godh.b64");
		file = beside("out.godh.b64");
		assert_non_null(file);
		assert_int_equal(sev_unbase64(file->data, file->size, &blob), 0);
		assert_int_equal(blob.size, 2084);
		sev_blob_free(&blob);
		assert_int_equal(beside("out.session.b64")->size, 172);
	}
	refuses(with_session("session", 127, "dhCert", 2084),
		"session: 127 bytes in base64; legal are 128");
	refuses(with_session("session", 128, "dhCert", 2085),
		"dhCert: 2085 bytes in base64; legal are 2084");
	refuses(with_session("session", 128, NULL, 0),
		"session_file=out.session.b64: given without");
	refuses(with_session(NULL, 0, "dhCert", 2084), "dh_cert_file=out.godh.b64: given without");
	refuses(SECURITY("<policy>1</policy><session>AAACCCDD=FFFCCCDSDS</session>"),
		"session: not base64");
}

static void not_there_yet(void **state)
{
	(void)state;
	reads(DOMAIN("<launchSecurity type='sev-snp' kernelHashes='yes'>"
		     "<policy>0x00030000</policy></launchSecurity>"));
	assert_string_equal(im.missing,
		"<launchSecurity type='sev-snp' kernelHashes='yes', policy=0x00030000>");
	assert_int_equal(im.sev.type, SEV_TYPE_NONE);
	reads(DOMAIN("<launchSecurity type='tdx'/>"));
	assert_non_null(im.missing);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void arguments(void **state)
{
	(void)state;
	reads("<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:commandline>"
	      "<qemu:arg value='-object'/><qemu:arg value='sev-guest,id=s,cbitpos=47,"
	      "reduced-phys-bits=1'/><qemu:arg value='-machine'/>"
	      "<qemu:arg value='memory-encryption=s'/></qemu:commandline></domain>");
	assert_int_equal(im.sev.cbitpos, 47);
	assert_int_equal(im.sev.type, SEV_TYPE_SEV);
	refuses(DOMAIN("<commandline><arg value='-bogus'/></commandline>"),
		"vm:1:33: -bogus: not an option");
	refuses(DOMAIN("<commandline><arg/></commandline>"), "without a value");
}

static void not_a_domain(void **state)
{
	(void)state;
	refuses("", "vm:1:1: not XML");
	refuses("<domain>\n  <memory>1</mem>\n</domain>", "vm:2:");
	refuses("<domain>", "not XML");
	refuses("  <network/>", "vm:1:3: <network>: legal is <domain>");
	refuses("<!DOCTYPE domain [<!ENTITY a 'b'>]><domain><name>&a;</name></domain>",
		"a document type declaration");
	refuses("<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>",
		"a document type declaration");
	refuses("<domain>&undefined;</domain>", "not XML");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(machine),
		TEST(units),
		TEST(boot),
		TEST(devices),
		TEST(launch_security),
		TEST(older_elements),
		TEST(machine_numbers),
		TEST(security_numbers),
		TEST(launch_security_refused),
		TEST(sessions),
		TEST(not_there_yet),
		TEST(arguments),
		TEST(not_a_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
