/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the reset vector to C: real mode, 32-bit flat mode and, in a 64-bit image, long mode. The
 * image is copied to RAM unpaged, which in a SEV guest is private. Other processors take the same
 * way, from a copy of this page at BOOT_PAGE_COPY.
 */
#define CODE32 0x08
#define DATA   0x10
#define CODE64 0x18

/* The page has the offset 0xf000 both in the segment of the reset vector and in segment 0. */
#define OFFSET(label) (0xf000 + (label) - boot_page)

	.section .boot, "ax"
	.globl	boot_page
boot_page:
	.code16
	ljmp	$0, $OFFSET(other_processor)
other_processor:
	movl	$1, %ebp
	jmp	protect
boot_processor:
	xorl	%ebp, %ebp
protect:
	cli
	lgdtl	%cs:OFFSET(gdt_register)
	movl	$0x33, %eax			/* ET, NE, MP, PE; caches on */
	movl	%eax, %cr0
	ljmpl	$CODE32, $flat

	.balign	8
gdt:						/* "accessed" already: ROM cannot be written to */
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00af9b000000ffff
gdt_register:
	.word	. - gdt - 1
	.long	gdt

	.code32
flat:
	movw	$DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	testl	%ebp, %ebp
	jnz	1f
	movl	$0xffff0000, %esi
	movl	$image_start, %edi
	movl	$image_end, %ecx
	subl	%edi, %ecx
	cld
	rep movsb
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
1:	movl	$in_ram, %eax
	jmp	*%eax

	.org	0xff0
	.code16
	.globl	reset
reset:
	jmp	boot_processor
	.org	0x1000

	.text
	.code32
in_ram:
	movl	next_stack, %esp
	testl	%ebp, %ebp
	jnz	1f
	call	find_c_bit
#ifdef __x86_64__
	call	make_tables
1:	movl	$0x620, %eax			/* PAE, OSFXSR, OSXMMEXCPT */
	movl	%eax, %cr4
	movl	$page_root, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	movl	$0x900, %eax			/* EFER: LME, NXE */
	xorl	%edx, %edx
	wrmsr
	movl	$0x80010033, %eax		/* PG, WP and what was set before */
	movl	%eax, %cr0
	ljmp	$CODE64, $1f
	.code64
#endif
1:	call	*next_entry
1:	hlt
	jmp	1b

	.code32
/* c_bit: the mask of the C-bit if SEV is announced and active, else 0. */
find_c_bit:
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x8000001f, %eax
	jb	1f
	movl	$0x8000001f, %eax
	cpuid
	testl	$2, %eax
	jz	1f
	andl	$63, %ebx
	movl	$0xc0010131, %ecx
	rdmsr
	testl	$1, %eax
	jz	1f
	btsl	%ebx, c_bit
1:	ret

#ifdef __x86_64__
/* The first 4 GiB one to one, private, in leaves of 2 MiB. */
make_tables:
	movl	$first_pdpt + 3, page_root
	movl	$first_pd + 3, %eax
	xorl	%ecx, %ecx
1:	movl	%eax, first_pdpt(,%ecx,8)
	addl	$4096, %eax
	incl	%ecx
	cmpl	$4, %ecx
	jb	1b
	movl	$0x83, %eax
	movl	c_bit + 4, %edx
	xorl	%ecx, %ecx
1:	movl	%eax, first_pd(,%ecx,8)
	movl	%edx, first_pd + 4(,%ecx,8)
	addl	$0x200000, %eax
	incl	%ecx
	cmpl	$2048, %ecx
	jb	1b
	ret

	.code64
#endif

/* One stub per vector, 16 bytes each; they leave struct trap_frame on the stack. */
	.balign	16
	.globl	trap_stubs
trap_stubs:
	vector = 0
	.rept	32
	.balign	16
	.if	((1 << vector) & 0x60227d00) == 0	/* vectors without an error code */
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	vector = vector + 1
	.endr

trap_common:
	cld
#ifdef __x86_64__
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbp
	mov	%rsp, %rbp
	lea	80(%rsp), %rdi
	and	$-16, %rsp
	call	trap
	mov	%rbp, %rsp
	pop	%rbp
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	iretq
#else
	pusha
	lea	32(%esp), %eax
	push	%eax
	call	trap
	pop	%eax
	popa
	add	$8, %esp
	iret
#endif

	.bss
	.globl	c_bit, next_stack
	.balign	8
c_bit:
	.skip	8
#ifdef __x86_64__
	.globl	page_root
	.balign	4096
page_root:
	.skip	4096
first_pdpt:
	.skip	4096
first_pd:
	.skip	4 * 4096
#endif
	.balign	16
	.skip	16384
boot_stack:

/* Where a processor goes once it is in its final mode. */
	.data
	.globl	next_entry
	.balign	8
next_stack:
	.long	boot_stack, 0
next_entry:
	.long	guest_main, 0

	.section .note.GNU-stack, "", @progbits
