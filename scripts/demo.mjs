import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createAccount } from './demo/account.mjs';
import { Interrupted, openPlace, requireGit, run, shellWord } from './demo/place.mjs';
import { createSay } from './demo/say.mjs';
import { playScenes } from './demo/scenes.mjs';
import { ensurePackages, findNode, root } from './packages.mjs';

const usage = `npm run demo [-- --keep DIR]

Installs what is missing, builds, and brings the work of two agents home in a folder of its own; nothing of yours is
touched. --keep leaves everything in DIR, which must be new or empty, to play with.
`;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(name, () => stop.abort());
}
const keep = readArguments();
const say = createSay(process.stdout, process.env);
process.exitCode = await play();

async function play() {
	let place = null;
	let ended = false;
	try {
		requireGit();
		ensurePackages();
		const { node, env } = findNode();
		await build(node, env);
		place = openPlace({ keep, node, signal: stop.signal });
		await playScenes({ place, say, account: createAccount(place) });
		ended = true;
		if (keep !== undefined) {
			explain(place);
		}
		return 0;
	} catch (error) {
		// A signal that came while a process was waited for is only heard now.
		await setImmediate();
		if (stop.signal.aborted || error instanceof Interrupted) {
			process.stderr.write('\nInterrupted; everything that the demo made is removed.\n');
			return 130;
		}
		const cause = error.cause === undefined ? '' : `: ${error.cause.message}`;
		process.stderr.write(`\n${say.style('bad', 'The demo failed:')} ${error.message}${cause}\n`);
		return 1;
	} finally {
		if (place !== null && (keep === undefined || (!ended && stop.signal.aborted))) {
			place.remove();
		}
	}
}

async function build(node, env) {
	const built = await run(node, ['esbuild.mjs'], { cwd: root, env, signal: stop.signal });
	if (built.code !== 0) {
		throw new Error(`the build ended with ${built.code}\n${built.both}`);
	}
}

function explain(place) {
	say.line();
	say.line(say.style('heading', 'To play with it'));
	say.line();
	for (const text of [
		`alias homeport=${shellWord(place.writeCommand())}`,
		`cd ${shellWord(place.home)}`,
		'homeport status',
		'homeport sync beta --strategy overwrite --branch main',
		'homeport undo',
		'homeport --help',
	]) {
		say.line(`   ${say.style('faint', '$')} ${say.style('command', text)}`);
	}
	say.line();
	say.line(
		`   That homeport has settings of its own, and leaves yours alone. Remove ${place.folder} when you are done.`,
	);
}

function readArguments() {
	try {
		const { values } = parseArgs({ options: { keep: { type: 'string' }, help: { type: 'boolean' } } });
		if (values.help === true) {
			process.stdout.write(usage);
			process.exit(0);
		}
		if (values.keep === '') {
			throw new Error('--keep needs a folder');
		}
		return values.keep;
	} catch (error) {
		process.stderr.write(`${error.message}\n\n${usage}`);
		return process.exit(2);
	}
}
