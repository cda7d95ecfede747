/** The bundles that cases need, and the data converters that belong to them. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type { BundleOptions } from '@temporalio/worker';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../src/tools/bundles';
import type { CaseBundle } from './case';

/** File names in `conformance/workflows`, without their suffix. */
interface BundleModules {
  entry: string;
  /** Modules that export `interceptors`, in the order in which they are composed. */
  interceptors?: readonly string[];
  /** A module that exports `payloadConverter`. */
  payloadConverter?: string;
  /** A module that exports `failureConverter`. */
  failureConverter?: string;
}

const MODULES: Record<CaseBundle, BundleModules> = {
  plain: { entry: 'index' },
  versioned: { entry: 'index' },
  interceptors: {
    entry: 'interceptors-bundle',
    interceptors: ['recording', 'changing', 'without-factory', 'inner'].map((name) => `interceptors/${name}`),
  },
  converters: {
    entry: 'converters-bundle',
    payloadConverter: 'payload-converter',
    failureConverter: 'failure-converter',
  },
  protobuf: { entry: 'protobuf-bundle', payloadConverter: 'protobuf-converter' },
};

const SOURCES = path.join(PACKAGE_DIR, 'conformance/workflows');

export function bundleFile(kind: CaseBundle): string {
  return path.join(DIST_DIR, `conformance-${kind}.js`);
}

/** The source of a module, which the bundler takes as it is, so that stack traces name its lines. */
function source(name: string | undefined): string | undefined {
  const file = name === undefined ? undefined : path.join(SOURCES, `${name}.ts`);
  return file !== undefined && existsSync(file) ? file : undefined;
}

function optionsOf({ interceptors, payloadConverter, failureConverter }: BundleModules): Partial<BundleOptions> {
  const [payload, failure] = [source(payloadConverter), source(failureConverter)];
  const interceptorFiles = (interceptors ?? []).map(source).filter((file) => file !== undefined);
  return {
    ...(interceptorFiles.length > 0 ? { workflowInterceptorModules: interceptorFiles } : {}),
    ...(payload ? { payloadConverterPath: payload } : {}),
    ...(failure ? { failureConverterPath: failure } : {}),
  };
}

/** Writes one bundle into `dist/`. */
export async function writeCaseBundle(kind: CaseBundle): Promise<string> {
  const modules = MODULES[kind];
  const entry = source(modules.entry);
  if (entry === undefined) throw new Error(`The bundle '${kind}' needs conformance/workflows/${modules.entry}.ts.`);
  await writeBundle(entry, bundleFile(kind), optionsOf(modules));
  return bundleFile(kind);
}

/** The converters of a bundle for clients: the compiled modules of the same sources. */
export function clientConverter(kind: CaseBundle): DataConverter | undefined {
  const { payloadConverter, failureConverter } = MODULES[kind];
  const compiled = (name: string | undefined): string | undefined =>
    source(name) === undefined ? undefined : path.join(__dirname, 'workflows', `${name}.js`);
  const [payload, failure] = [compiled(payloadConverter), compiled(failureConverter)];
  if (payload === undefined && failure === undefined) return undefined;
  return {
    ...(payload ? { payloadConverterPath: payload } : {}),
    ...(failure ? { failureConverterPath: failure } : {}),
  };
}
