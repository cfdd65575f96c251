import {
  defaultPorts,
  describeHolder,
  diskNeededMb,
  findJava,
  inspectMachine,
  isOptionalStep,
  isPortFree,
  jvmPartsVerified,
  memoryNeededMb,
  portHolder,
  readOptionalSteps,
  schemaRegistry,
  stackHome,
  type StackHome,
} from '@isobar/local-stack';
import { mkdirSync } from 'node:fs';
import { exitCodes } from '../exit-codes.js';
import { green, red, yellow } from '../render/style.js';
import { runningStack } from './running-stack.js';

interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly text: string;
  readonly fix?: string;
}

/** Looks at everything the stack needs from the machine, and says what to do about each thing that is not so. */
export async function doctor({ output }: { output: string }): Promise<void> {
  const findings = [...machineFindings(), ...(await jvmFindings()), ...(await portFindings()), await weatherFinding()];
  if (output === 'json') console.log(JSON.stringify(findings, undefined, 2));
  else for (const finding of findings) console.log(line(finding));
  if (findings.some(({ verdict }) => verdict === 'problem')) process.exitCode = exitCodes.failed;
}

const marks = { ok: green('✔'), warning: yellow('▲'), problem: red('■') };

const line = ({ check, verdict, text, fix }: Finding): string =>
  ` ${marks[verdict]} ${check.padEnd(12)} ${text}${fix === undefined ? '' : `\n                  Fix: ${fix}`}`;

function machineFindings(): Finding[] {
  const home = stackHome();
  mkdirSync(home.root, { recursive: true });
  const { nodeVersion, memoryFreeMb, diskFreeMb } = inspectMachine(home);
  const neededMb = memoryNeededMb(readOptionalSteps(home));
  return [
    { check: 'node', verdict: 'ok', text: nodeVersion },
    memoryFreeMb >= neededMb
      ? { check: 'memory', verdict: 'ok', text: `${memoryFreeMb} MB free, about ${neededMb} MB needed` }
      : {
          check: 'memory',
          verdict: runningStack() === undefined ? 'problem' : 'warning',
          text: `${memoryFreeMb} MB free, about ${neededMb} MB needed`,
          fix: 'close other programs',
        },
    diskFreeMb >= diskNeededMb()
      ? { check: 'disk', verdict: 'ok', text: `${diskFreeMb} MB free in ${home.root}` }
      : { check: 'disk', verdict: 'problem', text: `${diskFreeMb} MB free in ${home.root}`, fix: 'free some space' },
  ];
}

async function jvmFindings(): Promise<Finding[]> {
  const home = stackHome();
  const java = findJava(home);
  const jars = await jvmPartsVerified(home);
  return [
    java === undefined
      ? {
          check: 'java',
          verdict: 'warning',
          text: 'no Java 17 or newer in JAVA_HOME, on the path or in .isobar/java',
          fix: 'install one (apt install openjdk-17-jre-headless, brew install openjdk), set JAVA_HOME, or let npx isobar up fetch one with python3',
        }
      : { check: 'java', verdict: 'ok', text: `${java.version} from ${java.from} (${java.executable})` },
    jars
      ? { check: 'jvm parts', verdict: 'ok', text: `complete and as locked in ${home.jvm}` }
      : { check: 'jvm parts', verdict: 'warning', text: 'missing or changed', fix: 'npx isobar setup fetches them' },
    ...(readOptionalSteps(home).includes('registry') ? [await registryFinding(home)] : []),
  ];
}

async function registryFinding(home: StackHome): Promise<Finding> {
  if (await jvmPartsVerified(home, schemaRegistry))
    return { check: 'registry', verdict: 'ok', text: `complete and as locked in ${home.registry}` };
  const fix = 'npx isobar setup --with registry fetches it';
  return { check: 'registry', verdict: 'warning', text: 'asked for before; missing or changed', fix };
}

async function portFindings(): Promise<Finding[]> {
  if (runningStack() !== undefined) return [{ check: 'ports', verdict: 'ok', text: 'in use by the running stack' }];
  const taken: Finding[] = [];
  const asked = readOptionalSteps(stackHome());
  const ports = Object.entries(defaultPorts).filter(([name]) => !isOptionalStep(name) || asked.includes(name));
  for (const [name, port] of ports) {
    if (await isPortFree(port)) continue;
    taken.push({
      check: 'ports',
      verdict: 'warning',
      text: `${port} (${name}) is taken by ${describeHolder(portHolder(port))}; the next free one would be used`,
    });
  }
  return taken.length > 0 ? taken : [{ check: 'ports', verdict: 'ok', text: ports.map(([, port]) => port).join(' ') }];
}

async function weatherFinding(): Promise<Finding> {
  const address = process.env['NWS_BASE_URL'] ?? 'https://api.weather.gov';
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(5000), headers: { 'user-agent': 'isobar' } });
    await response.body?.cancel();
    return { check: 'weather', verdict: 'ok', text: `${new URL(address).host} answers ${response.status}` };
  } catch {
    return {
      check: 'weather',
      verdict: 'warning',
      text: `${new URL(address).host} does not answer; the weather is then a simulation, labelled sample`,
    };
  }
}
