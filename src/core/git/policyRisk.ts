import type { FindingCode } from '../model/finding.js';

/** What must be read of a file before it can be judged. */
export type ContentKind = 'package' | 'attributes' | 'modules';

/** Why a file is worth a look: code of it would run, or it steers what runs. */
export interface Risk {
	readonly code: FindingCode;
	readonly detail: string;
	/** The file is harmless unless its content says otherwise. */
	readonly read: ContentKind | null;
}

/** A folder whose name gives the files in it a meaning. */
export interface Folder {
	readonly risk: Risk;
	/** The files in it that matter; null for none. */
	readonly files: RegExp | null;
	/** Everything below matters. */
	readonly deep: boolean;
	readonly folders: ReadonlyMap<string, Folder>;
}

const open = (detail: string): Risk => ({ code: 'runs-on-open', detail, read: null });
const checkout = (detail: string): Risk => ({ code: 'runs-on-checkout', detail, read: null });
const install = (detail: string): Risk => ({ code: 'runs-on-install', detail, read: null });
const push = (detail: string): Risk => ({ code: 'runs-on-push', detail, read: null });

// A Makefile, a Dockerfile or a script is not listed: it runs when somebody calls it by name and not before.
const files: ReadonlyMap<string, Risk> = new Map<string, Risk>([
	['.envrc', open('direnv runs it')],
	['.devcontainer.json', open('the dev container runs its commands')],
	['.mcp.json', open('agents start the servers in it')],
	['.pre-commit-config.yaml', checkout('pre-commit runs its hooks')],
	['package.json', { code: 'runs-on-install', detail: 'scripts that an install runs', read: 'package' }],
	['binding.gyp', install('npm builds it')],
	['.npmrc', install('npm obeys it')],
	['.pnpmfile.cjs', install('pnpm runs it')],
	['.pnpmfile.mjs', install('pnpm runs it')],
	['setup.py', install('pip runs it')],
	['conftest.py', install('pytest runs it')],
	['build.rs', install('cargo runs it')],
	['.gitlab-ci.yml', push('GitLab runs it')],
	['.gitattributes', { code: 'attributes-driver', detail: 'drivers', read: 'attributes' }],
	['.lfsconfig', { code: 'lfs-config', detail: 'says where git-lfs fetches from', read: null }],
]);

const filePatterns: readonly (readonly [RegExp, Risk])[] = [
	[/\.code-workspace$/, open('VS Code obeys it')],
	[/^\.yarnrc(?:\..*)?$/, install('yarn obeys it')],
];

const folder = (risk: Risk, only: RegExp | null, inner: Record<string, Folder> = {}): Folder => ({
	risk,
	files: only,
	deep: false,
	folders: new Map(Object.entries(inner)),
});
const deepFolder = (risk: Risk): Folder => ({ risk, files: /./, deep: true, folders: new Map() });

const folders: ReadonlyMap<string, Folder> = new Map<string, Folder>([
	['.vscode', folder(open('VS Code obeys it'), /^(?:tasks|settings|launch|extensions|mcp)\.json$/)],
	['.idea', deepFolder(open('JetBrains editors obey it'))],
	['.devcontainer', deepFolder(open('the dev container runs its commands'))],
	[
		'.claude',
		folder(open('the agent runs its hooks'), /^settings.*\.json$/, {
			hooks: deepFolder(open('the agent runs its hooks')),
		}),
	],
	['.cursor', deepFolder(open('Cursor obeys it'))],
	['.husky', deepFolder(checkout('git hooks'))],
	['.githooks', deepFolder(checkout('git hooks'))],
	['.github', folder(push('GitHub runs it'), null, { workflows: deepFolder(push('GitHub runs it')) })],
	['.cargo', folder(install('cargo obeys it'), /^config(?:\.toml)?$/)],
]);

/** The risk of a file of this folded name in any folder; in a {@link Folder}, what that folder gives it comes first. */
export function fileRisk(name: string, inside: Folder | null = null): Risk | null {
	if (inside?.files?.test(name)) {
		return inside.risk;
	}
	return files.get(name) ?? filePatterns.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** The folder of this folded name, seen from the folder that it is in; null for one without a meaning. */
export function folderOf(name: string, inside: Folder | null = null): Folder | null {
	return inside?.folders.get(name) ?? (inside?.deep === true ? inside : (folders.get(name) ?? null));
}
