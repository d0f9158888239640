// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// node python310.cjs PACKAGES ARGUMENT ...: on Python 3.10, imports all plugins of the collection in the working directory, then
// runs pytest. PACKAGES is the folder of Debian's
// Python packages, of which those in plain Python run on 3.10 as well.
//
// Debian 13 has no Python 3.10, and an ansible-core that runs on it is in no Debian either: what the code imports of ansible is
// empty classes here. So it shows syntax, imports, and whatever does not call Ansible.
'use strict';
const path = require('path');
const {loadPyodide} = require(path.join(process.env.NODE_TOOLS, "node_modules", "pyodide"));

const MAIN = `
import errno, importlib.abc, importlib.machinery, os, pathlib, sys, types

class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """What this Python has not: Ansible, the backports that pytest takes on 3.10, and what WebAssembly can't have."""

    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in ('ansible', 'exceptiongroup', 'tomli', 'fcntl', 'ssl'):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        def attribute(name):
            if name.startswith('__'):
                raise AttributeError(name)
            return type(name, (Exception,), {})
        module.__getattr__ = attribute
        return module

    def exec_module(self, module):
        pass

def no_links(*arguments):
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))

sys.meta_path.insert(0, Absent())
sys.dont_write_bytecode = True
sys.path += ['/packages', '/collections', '/collections/ansible_collections/netdrive/windows']
os.link = no_links
os.environ.update(HYPOTHESIS_NO_PLUGINS='1', PYTEST_DISABLE_PLUGIN_AUTOLOAD='1')
os.chdir(sys.path[-1])
import pytest
for file in pathlib.Path('plugins').rglob('*.py'):
    importlib.import_module('ansible_collections.netdrive.windows.' + '.'.join(file.with_suffix('').parts))
print(f'Python {sys.version_info.major}.{sys.version_info.minor}')
int(pytest.main(list(ARGUMENTS)))
`;

async function main(packages, ...words) {
    const python = await loadPyodide();
    for (const [place, root] of [['/packages', packages], ['/collections/ansible_collections/netdrive/windows', process.cwd()]]) {
        python.FS.mkdirTree(place);
        python.FS.mount(python.FS.filesystems.NODEFS, {root}, place);
    }
    python.globals.set('ARGUMENTS', python.toPy(words));
    process.exitCode = python.runPython(MAIN);
}

main(...process.argv.slice(2)).catch(error => {
    console.error(String(error));
    process.exitCode = 1;
});
