import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';

interface MenuEntry {
	readonly command?: string;
	readonly submenu?: string;
	readonly when?: string;
}

interface Setting {
	readonly type?: string | readonly string[];
	readonly default?: unknown;
	readonly scope?: string;
	readonly order?: number;
	readonly description?: string;
	readonly markdownDescription?: string;
}

interface Manifest {
	readonly contributes: {
		readonly views: Readonly<Record<string, readonly { readonly id: string; readonly when?: string }[]>>;
		readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when?: string }[];
		readonly commands: readonly {
			readonly command: string;
			readonly title: string;
			readonly category: string;
			readonly enablement?: string;
		}[];
		readonly menus: Readonly<Record<string, readonly MenuEntry[]>>;
		readonly submenus?: readonly { readonly id: string }[];
		readonly keybindings?: readonly { readonly command: string; readonly key: string; readonly when?: string }[];
		readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
		readonly walkthroughs?: readonly { readonly steps: readonly { readonly when?: string }[] }[];
	};
	readonly capabilities: {
		readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: readonly string[] };
		readonly virtualWorkspaces: { readonly supported: boolean };
	};
}

const text = readFileSync('package.json', 'utf8');
const manifest = JSON.parse(text) as Manifest;
const { contributes, capabilities } = manifest;
const texts = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
const sources = globSync('src/ui/**/*.ts').map((file) => ({ file, source: readFileSync(file, 'utf8') }));
const allSource = sources.map(({ source }) => source).join('\n');
const commands = contributes.commands.map(({ command }) => command);
const views = Object.values(contributes.views)
	.flat()
	.map(({ id }) => id);
const menuEntries = Object.entries(contributes.menus).flatMap(([menu, entries]) =>
	entries.map((entry) => ({ menu, ...entry })),
);

/** Context keys of VS Code that may be asked for. Source: the reference of when clause contexts. */
const keysOfVscode = new Set([
	'activeCustomEditorId',
	'activeWebviewPanelId',
	'config.git.enabled',
	'editorTextFocus',
	'focusedView',
	'inputFocus',
	'isInDiffEditor',
	'isLinux',
	'isMac',
	'isWeb',
	'isWindows',
	'isWorkspaceTrusted',
	'listFocus',
	'listMultiSelection',
	'remoteName',
	'resourceScheme',
	'view',
	'viewItem',
	'virtualWorkspace',
	'workbenchState',
	'workspaceFolderCount',
]);

/** All conditions of the manifest, each with the place where it stands. */
function conditions(): { readonly place: string; readonly when: string }[] {
	const found: { place: string; when: string }[] = [];
	const visit = (value: unknown, place: string): void => {
		if (typeof value !== 'object' || value === null) {
			return;
		}
		for (const [key, inside] of Object.entries(value)) {
			if ((key === 'when' || key === 'enablement') && typeof inside === 'string') {
				found.push({ place, when: inside });
			} else {
				visit(inside, `${place}.${key}`);
			}
		}
	};
	visit(contributes, '');
	return found;
}

/** One comparison of a condition, or a key alone. */
interface Term {
	readonly key: string;
	readonly operator: string | null;
	readonly value: string | null;
}

function terms(when: string): Term[] {
	const term = /([A-Za-z][\w.:-]*)(?:\s*(==|!=|=~|<=|>=|<|>|not in|in)\s*(\/(?:[^/\\]|\\.)*\/\w*|'[^']*'|[\w.-]+))?/g;
	return [...when.matchAll(term)].map(([, key, operator, value]) => ({
		key: key!,
		operator: operator ?? null,
		value: value?.replace(/^'|'$/g, '') ?? null,
	}));
}

describe('the manifest', () => {
	it('contributes the commands of the registry, each once, with a title and the one category', () => {
		const registry = readFileSync('src/ui/commands/registry.ts', 'utf8');
		const list = /commandIds = \[([^\]]*)\]/.exec(registry)?.[1] ?? '';
		const registered = [...list.matchAll(/'([\w.]+)'/g)].map((match) => match[1]!);
		assert.ok(registered.length > 5);
		assert.deepStrictEqual(commands.toSorted(), registered.toSorted());
		for (const { command, title, category } of contributes.commands) {
			assert.match(title, /^%command\./, command);
			assert.strictEqual(category, 'Homeport', command);
			assert.match(texts[title.slice(1, -1)] ?? '', /^\p{Lu}[^.]*[^.\s]$/u, command);
		}
	});

	it('has every text in package.nls.json, and no other', () => {
		const used = [...text.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!);
		assert.deepStrictEqual([...new Set(used)].toSorted(), Object.keys(texts).toSorted());
		for (const [key, value] of Object.entries(texts)) {
			assert.ok(value.trim() === value && value !== '', key);
		}
		const untranslated = [
			...text.matchAll(/"(title|markdownDescription|description|contents|name|contextualTitle)": "([^%][^"]*)"/g),
		];
		assert.deepStrictEqual(
			untranslated.map((match) => match[2]).filter((value) => !/^(homeport|Homeport|Bring the work)/.test(value!)),
			[],
		);
	});

	it('names in menus, keys and texts only commands, views and settings that there are', () => {
		const submenus = new Set((contributes.submenus ?? []).map(({ id }) => id));
		for (const { menu, command, submenu } of menuEntries) {
			assert.ok(
				command === undefined ? submenus.has(submenu ?? '') : commands.includes(command),
				`${menu}: ${command}`,
			);
		}
		for (const { command } of contributes.keybindings ?? []) {
			assert.ok(commands.includes(command) || views.includes(command.replace(/\.focus$/, '')), command);
		}
		for (const { view, contents } of contributes.viewsWelcome) {
			assert.ok(views.includes(view), contents);
		}
		const settings = contributes.configuration.properties;
		for (const [key, value] of Object.entries(texts)) {
			for (const [, command] of value.matchAll(/\]\(command:(homeport\.[\w.]+)/g)) {
				assert.ok(
					commands.includes(command!) || views.includes(command!.replace(/\.focus$/, '')),
					`${key}: ${command}`,
				);
			}
			for (const [, setting] of value.matchAll(/`#([\w.]+)#`/g)) {
				assert.ok(Object.hasOwn(settings, setting!) || !setting!.startsWith('homeport.'), `${key}: ${setting}`);
			}
		}
	});

	it('asks in conditions only for keys that there are, and for values that they can have', () => {
		const ownKeys = new Set([...allSource.matchAll(/[(\s]'(homeport\.[\w.]+)'/g)].map((match) => match[1]!));
		const found = conditions();
		assert.ok(found.length > 10);
		for (const { place, when } of found) {
			for (const { key, operator, value } of when === 'false' ? [] : terms(when)) {
				const where = `${place}: ${when}`;
				assert.ok(
					keysOfVscode.has(key) || ownKeys.has(key) || key.startsWith('config.homeport.'),
					`${key} in ${where}`,
				);
				if (key === 'view') {
					assert.ok(views.includes(value ?? '') && operator === '==', where);
				}
				if (key === 'viewItem') {
					const tags = (value ?? '').replace(/^\/|\/\w*$|\\[bwdsS]/g, '').match(/[A-Za-z]{3,}/g) ?? [];
					assert.ok(tags.length > 0, where);
					for (const tag of tags) {
						assert.match(allSource, new RegExp(`['\`+]${tag}\\b`), `${tag} in ${where}`);
					}
				}
				if (key === 'homeport.state') {
					assert.match(allSource, new RegExp(`'${value ?? ''}'`), where);
				}
				if (key === 'workbenchState') {
					assert.ok(['empty', 'folder', 'workspace'].includes(value ?? ''), where);
				}
			}
		}
	});

	it('has a way to every command: the palette, a menu, a page or a line of the tree', () => {
		const hidden = (contributes.menus['commandPalette'] ?? []).flatMap(({ command, when }) =>
			when === 'false' ? [command] : [],
		);
		const users = sources.filter(({ file }) => !/(registry|compositionRoot)\.ts$/.test(file));
		for (const command of commands.filter((one) => hidden.includes(one))) {
			const inMenu = menuEntries.some((entry) => entry.command === command && entry.menu !== 'commandPalette');
			const inSource = users.some(({ source }) => source.includes(`'${command}'`));
			assert.ok(inMenu || inSource, command);
		}
	});

	it('describes each setting, says where it may be set, and has a reader for it', () => {
		const orders = new Set<number>();
		for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
			assert.match(name, /^homeport(\.[a-z][A-Za-z]*){1,2}$/);
			assert.match(setting.markdownDescription ?? setting.description ?? '', /^%setting\./, name);
			assert.ok(setting.default !== undefined && setting.type !== undefined, name);
			assert.ok(
				['machine', 'machine-overridable', 'application', 'window', 'resource'].includes(setting.scope ?? ''),
				name,
			);
			assert.ok(setting.order !== undefined && !orders.has(setting.order), `order of ${name}`);
			orders.add(setting.order);
			assert.match(
				allSource,
				new RegExp(`'(homeport\\.)?${name.replace('homeport.', '').replaceAll('.', '\\.')}'`),
				name,
			);
		}
	});

	it('takes nothing that names a program or a kubeconfig from a workspace, and runs nothing untrusted or virtual', () => {
		const { properties } = contributes.configuration;
		const { untrustedWorkspaces, virtualWorkspaces } = capabilities;
		for (const name of Object.keys(properties).filter((one) => /kubeconfig|path|command|program/i.test(one))) {
			if (properties[name]!.type === 'string') {
				assert.strictEqual(properties[name]!.scope, 'machine', name);
				assert.ok(untrustedWorkspaces.restrictedConfigurations.includes(name), name);
			}
		}
		for (const name of untrustedWorkspaces.restrictedConfigurations) {
			assert.ok(Object.hasOwn(properties, name), name);
		}
		assert.deepStrictEqual([untrustedWorkspaces.supported, virtualWorkspaces.supported], ['limited', false]);
	});

	it('keeps commands that act from a folder that is not trusted', () => {
		const free = contributes.commands.filter(({ enablement }) => !(enablement ?? '').includes('isWorkspaceTrusted'));
		assert.deepStrictEqual(free.map(({ command }) => command).toSorted(), [
			'homeport.clearFilter',
			'homeport.doctor',
			'homeport.exportDiagnostics',
			'homeport.filterSessions',
			'homeport.fix',
			'homeport.groupSessions',
			'homeport.refresh',
			'homeport.showLog',
			'homeport.sortSessions',
		]);
	});
});
