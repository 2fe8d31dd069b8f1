/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an operating system must be told of an i440FX with PIIX3 beyond what it finds itself: the
 * windows of the PCI host bridge, where PCI interrupts arrive, the ISA devices, how to power off.
 *
 * Interrupts: PIRQ = (device + pin - 1) & 3 with pin 0..3, at pin 16 + PIRQ of the I/O APIC, and at
 * the ISA IRQ that firmware routes it to: OVMF and SeaBIOS write 10, 10, 11, 11.
 * Sleep states: S5 only; the type of sleep that powers off is 0.
 */
DefinitionBlock ("", "DSDT", 2, "BOCHS ", "BXSEV   ", 1)
{
	Name (\_S5, Package () { 0, 0, 0, 0 })

	/* The operating system says which interrupt controller it uses: 0 8259, 1 I/O APIC. */
	Name (PICM, 0)
	Method (\_PIC, 1)
	{
		PICM = Arg0
	}

	Scope (\_SB)
	{
		Device (PCI0)
		{
			Name (_HID, EisaId ("PNP0A03"))
			Name (_UID, 0)
			Name (_CRS, ResourceTemplate ()
			{
				WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
					0, 0x0000, 0x00FF, 0, 0x0100)
				IO (Decode16, 0x0CF8, 0x0CF8, 1, 8)
				WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
					0, 0x0000, 0x0CF7, 0, 0x0CF8)
				WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
					0, 0x0D00, 0xFFFF, 0, 0xF300)
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
					Cacheable, ReadWrite, 0, 0x000A0000, 0x000BFFFF, 0, 0x00020000)
				/* Raised to the top of RAM at run time: acpi_dsdt.c finds it by these values. */
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
					NonCacheable, ReadWrite, 0, 0x80000000, 0xFEBFFFFF, 0, 0x7EC00000)
			})

			/* 8259: PIRQ to ISA IRQ. */
			Name (ISAQ, Package () { 10, 10, 11, 11 })

			/* Element 4 * device + pin: { address, pin, hard-wired, interrupt }. */
			Method (_PRT)
			{
				Local0 = Package (128) {}
				Local1 = 0
				While (Local1 < 128)
				{
					Local2 = Local1 >> 2 /* device */
					Local3 = Local1 & 3  /* pin */
					Local4 = (Local2 + Local3 + 3) & 3 /* PIRQ */
					Local5 = Package (4) { 0, 0, 0, 0 }
					Local5 [0] = (Local2 << 16) | 0xFFFF
					Local5 [1] = Local3
					If (PICM)
					{
						Local5 [3] = Local4 + 16
					}
					Else
					{
						Local5 [3] = DerefOf (ISAQ [Local4])
					}
					Local0 [Local1] = Local5
					Local1++
				}
				Return (Local0)
			}

			Device (ISA)
			{
				Name (_ADR, 0x00010000)

				Device (RTC)
				{
					Name (_HID, EisaId ("PNP0B00"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x0070, 0x0070, 1, 2)
						IRQNoFlags () { 8 }
					})
				}

				Device (KBD)
				{
					Name (_HID, EisaId ("PNP0303"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x0060, 0x0060, 1, 1)
						IO (Decode16, 0x0064, 0x0064, 1, 1)
						IRQNoFlags () { 1 }
					})
				}

				Device (MOU)
				{
					Name (_HID, EisaId ("PNP0F13"))
					Name (_CRS, ResourceTemplate ()
					{
						IRQNoFlags () { 12 }
					})
				}

				Device (COM1)
				{
					Name (_HID, EisaId ("PNP0501"))
					Name (_UID, 1)
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x03F8, 0x03F8, 1, 8)
						IRQNoFlags () { 4 }
					})
				}

				/* By this Linux offers /sys/firmware/qemu_fw_cfg. */
				Device (FWCF)
				{
					Name (_HID, "QEMU0002")
					Name (_STA, 0x0B) /* present, enabled, working, not for users */
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x0510, 0x0510, 1, 12)
					})
				}
			}
		}
	}
}
