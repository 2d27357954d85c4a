#!/usr/bin/env bash
. /mnt/tests/autopkgtest/lib.sh
debian_test service
