/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Secure Processor: a model of the firmware behind the mailbox of AMD's EPYC processors, with
 * its platform and guest state machines and real cryptography. It is emulated and says so: no key,
 * certificate or identifier is AMD's.
 *
 * Commands, buffers and status codes: iodev/psp/psp_abi.h. Guest memory is reached through
 * memory/memory.h only.
 *
 * Source: AMD publication 55766, Secure Encrypted Virtualization API.
 */
#ifndef SEV_PSP_H
#define SEV_PSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct psp;
struct sevmem;

#define PSP_CORES_MAX 256

struct psp_config {
	struct sevmem *memory; /* where buffers and guests lie; outlives the chip */
	uint64_t c_mask;       /* encryption bit: accepted in addresses, and ignored */

	/* Firmware version as PLATFORM_STATUS reports it and measurements include it. All zero
	   means 1.55 build 21. */
	uint8_t api_major, api_minor, build;
	bool es_capable;

	unsigned max_asid;     /* CPUID 8000_001F ECX; less than SEVMEM_KEYS */
	unsigned min_sev_asid; /* CPUID 8000_001F EDX: first ASID of guests without SEV-ES */
	unsigned cores;	       /* that have to execute WBINVD before DF_FLUSH: 1 .. PSP_CORES_MAX */

	/* Same seed, same commands: same run. NULL: randomness of the operating system. Copied. */
	const void *seed;
	size_t seed_size;

	/* Directory that holds the chip's identity, made when it does not exist; one chip at a
	   time. NULL: a fresh chip, forgotten at the end. An identity found there wins over the
	   one the seed would give. Beside it lie, for everybody to read, what a manufacturer's key
	   server would give out: cek.cert (the CEK signed by the ASK) and ask_ark.cert. */
	const char *state_dir;

	/* File that holds the certificates, as psp_write_chain writes them, after every INIT and
	   every change; its directory must exist. If it cannot be written, the command succeeds
	   all the same and psp_detail says why. NULL: none. */
	const char *chain_file;

	/* The key of an ASID was installed, replaced or removed: TLBs that hold translations of
	   that ASID are stale. May be NULL. */
	void (*asid_changed)(void *ctx, unsigned asid);
	void *ctx;
};

/*
 * A chip in the state after reset. NULL with err set: a value of the configuration is not legal, or
 * the state directory cannot be read or written, another chip uses it, or what it holds is damaged
 * (it is left as it is).
 */
struct psp *psp_new(const struct psp_config *config, struct sev_error *err);

/* Removes every guest key from memory, wipes all secrets. psp may be NULL. */
void psp_free(struct psp *psp);

/*
 * Executes one command. buffer_spa: address of the command buffer (ignored by commands without
 * one). Returns the ABI's status (enum psp_status). A command that fails changes nothing, but for
 * the lengths needed, which INVALID_LENGTH writes back where the ABI says so, and for INIT_EX,
 * which empties a buffer of persistent data that it cannot use (SECURE_DATA_INVALID).
 */
uint16_t psp_command(struct psp *psp, uint32_t id, uint64_t buffer_spa);

/*
 * Somebody who watches the commands, told of each before it is looked at (with the buffer as given)
 * and after it has ended (with the buffer as written back), whatever its status.
 */
struct psp_observer {
	void (*before)(void *ctx, uint32_t id, uint64_t buffer_spa);
	void (*after)(void *ctx, uint16_t status);
	void *ctx;
};

/* NULL: nobody watches. The observer outlives the chip, or is taken away before it goes. */
void psp_observe(struct psp *psp, const struct psp_observer *observer);

/* Who gives the commands that follow, for whoever watches: "launch", "monitor", "mailbox"; a string
   that stays. NULL: "host", as in the beginning. */
void psp_set_caller(struct psp *psp, const char *who);

/*
 * What the status of the last command cannot say: which field of a certificate is wrong, which
 * firmware version the policy asks for, why the state could not be written; after a success, why
 * the chain file could not. Empty if there is nothing to add. Valid until the next command.
 */
const char *psp_detail(const struct psp *psp);

/*
 * Writes the certificates that a remote party needs, in sevctl's layout: PDH, PEK, OCA, CEK signed
 * by the ASK, ASK, ARK. PDH_CERT_EXPORT's are the first four, but for the signature of the CEK,
 * which real parts do not hand out either. Returns 0, or -1 with err: there are none before the
 * first INIT, or the file cannot be written.
 */
int psp_write_chain(const struct psp *psp, const char *path, struct sev_error *err);

/* A core (0 .. cores - 1) has executed WBINVD or WBNOINVD: its caches hold nothing of any guest. */
void psp_wbinvd(struct psp *psp, unsigned core);

/*
 * Whether a guest's key is at hand on a core (0 .. cores - 1), so that the core can run it: the
 * guest is active, on all cores by ACTIVATE or on those that ACTIVATE_EX named. false also for an
 * unknown handle or core.
 */
bool psp_may_run(const struct psp *psp, uint32_t handle, unsigned core);

/*
 * Gives a guest its transport keys in the clear, in place of a session: NOT part of the ABI, but of
 * an emulated processor that has nobody to hide them from (QEMU's sev-emulated proposal has the
 * same pair, tik and tek). Legal in state LUPDATE, before the first update, for a guest that was
 * started without a session. Returns PSP_SUCCESS, PSP_INVALID_GUEST or PSP_INVALID_GUEST_STATE.
 */
uint16_t psp_launch_clear_keys(
	struct psp *psp, uint32_t handle, const uint8_t tik[16], const uint8_t tek[16]);

/*
 * All of the chip that is not configuration, as bytes: identity, platform state, guests with their
 * keys, marks of ASIDs and cores, the position of a seeded generator. They hold every secret of the
 * chip and its guests: the caller decides whether they may be written anywhere, and wipes them.
 * Memory is not among them. Changes nothing. Returns 0, or -1 with err: out of memory.
 */
int psp_save(const struct psp *psp, struct sev_blob *out, struct sev_error *err);

/*
 * Makes the chip what psp_save found. Its configuration must be the same but for the memory, the
 * encryption bit, the state directory and the chain file. A state directory that holds the same
 * chip is set back with it, the chain file is written. Keys of the former guests leave memory and
 * those of the saved ones enter it: no byte of DRAM changes, but what the pages read as
 * (asid_changed is told of each). Returns 0, or -1 with err and the chip as it was: the bytes are
 * damaged, of another version, of a chip of another configuration, or the state directory holds
 * another chip or cannot be written.
 */
int psp_restore(struct psp *psp, const void *data, size_t size, struct sev_error *err);

/* "LAUNCH_START"; "unknown command" for any other id. */
const char *psp_command_name(uint32_t id);
/* Whether this firmware executes it; false also for what is no command. */
bool psp_command_supported(uint32_t id);
/* "INVALID_GUEST"; "unknown status" for any other code. */
const char *psp_status_name(uint16_t status);
/* "WORKING", "LUPDATE"; "unknown state" for any other number. */
const char *psp_platform_state_name(unsigned state);
const char *psp_guest_state_name(unsigned state);
/* The probable cause of a status, for a log: one line, no full stop. Never NULL. */
const char *psp_status_advice(uint16_t status);

#ifdef __cplusplus
}
#endif
#endif
