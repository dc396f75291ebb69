# SPDX-License-Identifier: GPL-2.0-only
#
# Front door.  The module itself is described by Kbuild, the tests by
# selftests/check/plan; `make help` lists what can be asked for.

RIG := selftests/rig
ARCH_HERE := $(shell uname -m)

ifeq ($(ARCH_HERE),ppc64le)
KDIR ?= /lib/modules/$(shell uname -r)/build
endif

.PHONY: help module modules-all programs demo check soak matrix bench deb rpm clean

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make module [KDIR=...] [CROSS_COMPILE=...]
##                    nhv.ko; without KDIR for the running kernel on ppc64le,
##                    elsewhere for Debian's 6.12 (4K pages), fetched
ifdef KDIR
RELEASE = $(or $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null),kdir)
OUT = $(CURDIR)/build/$(RELEASE)
module:
	@mkdir -p $(OUT)
	cp -ru Kbuild include hcall src $(OUT)/
	$(MAKE) -C $(KDIR) M=$(OUT) ARCH=powerpc W=1 \
		$(if $(CROSS_COMPILE),CROSS_COMPILE=$(CROSS_COMPILE)) modules
	ln -sf build/$(RELEASE)/nhv.ko nhv.ko
else
module:
	@$(RIG)/module 6.12-4k
	@ln -sf build/$$(cat $$($(RIG)/fetch kernel:6.12-4k)/release)/nhv.ko nhv.ko
endif

## make modules-all   nhv.ko for the four Debian kernels, W=1 and sparse;
##                    a warning is a failure
modules-all:
	$(RIG)/module --strict 6.1-64k 6.12-4k 6.12-64k 7.2-4k

## make programs      the small VMM, its payloads and the API tests, for ppc64le
programs:
	$(RIG)/programs

## make demo          boot a Debian kernel as a guest of QEMU on nhv, and show what
##                    it cost
demo:
	@$(RIG)/demo

## make check [T=...] all tests that fit half an hour; T: a group or a test
## make soak [T=...]  the long ones
##                    API=v2 with demo, check or soak: an L0 that offers API v2
## make matrix [T=..] each L1 kernel with each number of CPUs
check:
	@$(RIG)/check $(T)

soak matrix:
	@$(RIG)/check --plan plan.$@ $(T)

## make bench         what exits, faults and boots cost, beside the in-tree kvm-hv;
##                    writes docs/performance.md
bench:
	@selftests/bench/bench

## make deb           the Debian packages nhv-dkms and nhv-tools, linted
## make rpm           the same as RPM packages
deb rpm:
	@$(RIG)/package $@

## make clean         remove build/; what was fetched stays in the cache
clean:
	rm -rf build nhv.ko
