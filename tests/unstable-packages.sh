#!/bin/sh
# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
#
# unstable-packages.sh ROOT: mmdebstrap runs it when it has unpacked the tests' root. Unpacks three packages of Debian unstable
# there, beside those of the root's own release:
#   /opt/other-collections     ansible.windows, whose modules the tests and benchmarks compare with, and community.general, which
#                              an example of the guide sends its mail with
#   /opt/ansible-core-newest   the newest ansible-core, which the collection is tested with as well
#   pypsrp                     among the installed ones: what Ansible's psrp connection needs is in no older Debian
set -eu
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"  # makes it the root's apt
cd "$1"
# Old snapshots of the archive will do.
echo 'deb [check-valid-until=no] http://deb.debian.org/debian unstable main' > etc/apt/sources.list.d/unstable.list
apt-get update
for package in ansible ansible-core python3-pypsrp; do
    apt-get download "$package/unstable"
done
unpack() { dpkg-deb --fsys-tarfile "$1" | tar --extract --directory "$2" --strip-components "$3" --wildcards "$4"; }
mkdir -p opt/other-collections/ansible_collections opt/ansible-core-newest
for collection in ansible/windows community/general; do
    unpack ansible_*.deb opt/other-collections/ansible_collections 6 "./usr/lib/python3/dist-packages/ansible_collections/$collection/*"
done
unpack ansible-core_*.deb opt/ansible-core-newest 5 './usr/lib/python3/dist-packages/*'
unpack python3-pypsrp_*.deb . 1 './usr/lib/python3/dist-packages/*'
rm ./*.deb etc/apt/sources.list.d/unstable.list
