import { makeScene, rewindAlpha } from './scene.mjs';

/** Plays the demo from beginning to end. Throws where a step goes wrong, or not all that was seen is at home. */
export async function playScenes({ place, say, account }) {
	const { home, sessions } = place;

	say.step('One project, two agents', 'All start at commit X. Each agent works in a folder of its own, and so do you.');
	await makeScene(place);
	await account.seen();
	for (const [name, folder] of Object.entries({ home, ...sessions })) {
		await git(`${name}: git log --oneline; git status --short`, folder, [
			['log', '--oneline'],
			['status', '--short', '--untracked-files=all'],
		]);
	}

	say.step('Tell Homeport where they are', 'A session is a folder in which an agent works; nothing is written there.');
	await homeport(['add', 'alpha', '../alpha']);
	await homeport(['add', 'beta', '../beta']);
	await homeport(['status']);

	say.step('Read the plan', 'What a sync of alpha would do; none of your branches and files is touched.');
	await homeport(['plan', 'alpha']);

	say.step('Bring both home', 'Each gets a branch of its own, and what is not committed comes along as a capture.');
	await homeport(['sync', '--all']);
	await git('git log --oneline --graph --branches', home, [['log', '--oneline', '--graph', '--branches']]);
	await git('git status --short --branch', home, [['status', '--short', '--branch']]);

	say.step(
		'Try to overwrite one with the other',
		'This is how commits get lost when folders are copied: beta goes where alpha is, then where you are. Both are refused.',
	);
	for (const branch of ['claude/alpha', 'main']) {
		await homeport(['sync', 'beta', '--strategy', 'overwrite', '--branch', branch], 3);
	}

	say.step(
		'Rewind alpha, and sync again',
		'The agent takes A2 back with git reset --hard, which also throws an uncommitted edit away, and goes on with A3.',
	);
	await rewindAlpha(place);
	await account.seen();
	await git('alpha: git log --oneline; git status --short', sessions.alpha, [
		['log', '--oneline'],
		['status', '--short', '--untracked-files=all'],
	]);
	await homeport(['sync', 'alpha']);
	await homeport(['ledger', 'alpha']);
	const { entries } = JSON.parse((await expect(['ledger', 'alpha', '--json'], 0)).out);
	const thrownAway = `${entries[1].capture.oid.slice(0, 8)}:server.txt`;
	say.output(
		`\n${say.style('faint', 'A2 is kept, and so is the edit that the reset threw away, in the capture before:')}`,
	);
	await git(`git show ${thrownAway}`, home, [['show', thrownAway]]);

	say.step('Undo, and redo', 'Every change of your branches is an operation; undoing the undo brings it back.');
	await homeport(['undo']);
	const [{ id }] = JSON.parse((await expect(['log', '--limit', '1', '--json'], 0)).out).operations;
	await git('git branch', home, [['branch']]);
	await homeport(['undo', id]);
	await git('git log --oneline --graph --branches', home, [['log', '--oneline', '--graph', '--branches']]);
	await homeport(['log']);

	say.step(
		'Count',
		'With plain git, after git gc --prune=now: every commit that the sessions ever had, and every uncommitted file byte for byte.',
	);
	await account.seen();
	await place.git(home, ['gc', '--quiet', '--prune=now']);
	if (!report(await account.count(), say)) {
		throw new Error('the count disagrees: not everything that was seen is at home as it was');
	}

	async function homeport(args, expected = 0) {
		say.command(`homeport ${args.join(' ')}`);
		say.output((await expect([say.coloured ? '--color' : '--no-color', ...args], expected)).both);
	}

	async function expect(args, expected) {
		const ended = await place.homeport(...args);
		if (ended.code !== expected) {
			throw new Error(`homeport ${args.join(' ')} ended with ${ended.code}, not ${expected}\n${ended.both}`);
		}
		return ended;
	}

	async function git(shown, folder, commands) {
		say.command(shown);
		const colour = say.coloured ? ['-c', 'color.ui=always'] : [];
		for (const args of commands) {
			say.output(text(await place.git(folder, [...colour, ...args])));
		}
	}
}

function report({ sessions, commits, files, untouched }, say) {
	const agrees = ({ seen, atHome }) => seen > 0 && seen === atHome;
	const share = (count) => say.style(agrees(count) ? 'good' : 'bad', `${count.atHome} of ${count.seen}`);
	const row = (what, answer) => say.line(`   ${what.padEnd(18)} ${answer}`);
	say.line();
	sessions.forEach((session) => row(`commits of ${session.name}`, `${share(session)} at home`));
	row('uncommitted files', `${share(files)} at home`);
	row('your own work', untouched ? say.style('good', 'as you left it') : say.style('bad', 'changed'));
	say.line();
	say.line(`   Seen: ${commits.seen} commits and ${files.seen} uncommitted files.`);
	say.line(`   At home: ${share(commits)} commits, ${share(files)} files.`);
	return untouched && [...sessions, commits, files].every(agrees);
}

function text(bytes) {
	return bytes.toString('utf8');
}
