// SPDX-License-Identifier: GPL-2.0-only
/* Puts an ELF program (payload or kernel) and an initrd into guest memory. */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm.h"

static const char *map_file(const char *path, size_t *size)
{
	struct stat st;
	const char *p;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	must(fd, path);
	must(fstat(fd, &st), path);
	*size = st.st_size;
	p = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	must(p == MAP_FAILED ? -1 : 0, path);
	close(fd);
	return p;
}

static void load_segment(struct machine *m, const char *file, size_t size,
			 const Elf64_Phdr *ph)
{
	char *to = at(m, ph->p_paddr, ph->p_memsz);

	if (!to)
		die(STATUS_BROKEN, "segment at %#lx, %lu bytes, is outside memory",
		    (long)ph->p_paddr, (long)ph->p_memsz);
	if (ph->p_offset > size || ph->p_filesz > size - ph->p_offset)
		die(STATUS_BROKEN, "the file is cut short");
	memcpy(to, file + ph->p_offset, ph->p_filesz);
}

/* The entry point is a virtual address in a kernel; memory has the real one. */
static uint64_t entry_of(const Elf64_Ehdr *eh, const Elf64_Phdr *ph)
{
	for (int i = 0; i < eh->e_phnum; i++)
		if (ph[i].p_type == PT_LOAD && eh->e_entry >= ph[i].p_vaddr &&
		    eh->e_entry - ph[i].p_vaddr < ph[i].p_memsz)
			return eh->e_entry - ph[i].p_vaddr + ph[i].p_paddr;
	return eh->e_entry;
}

void load_elf(struct machine *m, const char *path)
{
	size_t size;
	const char *file = map_file(path, &size);
	const Elf64_Ehdr *eh = (const void *)file;
	const Elf64_Phdr *ph;

	if (size < sizeof(*eh) || memcmp(file, ELFMAG, SELFMAG) ||
	    file[EI_CLASS] != ELFCLASS64 || file[EI_DATA] != ELFDATA2LSB ||
	    eh->e_machine != EM_PPC64)
		die(STATUS_BROKEN, "%s: not a little-endian 64-bit PowerPC ELF file", path);
	ph = (const void *)(file + eh->e_phoff);
	for (int i = 0; i < eh->e_phnum; i++)
		if (ph[i].p_type == PT_LOAD)
			load_segment(m, file, size, &ph[i]);
	m->entry = entry_of(eh, ph);
	munmap((void *)file, size);
}

/* Below the device tree, which lies at the end of low memory. */
void load_initrd(struct machine *m, const char *path)
{
	size_t size;
	const char *file = map_file(path, &size);
	char *to;

	m->initrd = (m->rtas - size) & ~0xffffUL;
	m->initrd_end = m->initrd + size;
	to = at(m, m->initrd, size);
	if (!to || size > m->rtas)
		die(STATUS_BROKEN, "%s does not fit into memory", path);
	memcpy(to, file, size);
	munmap((void *)file, size);
}
