// The work of server/setup/write-self-check.mjs.
import { writeAnswers } from '../weights/write-answers';

const folder = process.argv[2]!;
const added = await writeAnswers(folder, { anew: true });
console.log(`${folder}/self-check.json: ${added.length} answers, of ${added.join(', ')}`);
