// The script of comparisons in one HTML file (kept/share-file.ts): draws every view from the data in the file.
import { createRoot } from 'react-dom/client';
import '../views/theme.css';
import '../views/views.css';
import './file.css';
import './shared.css';
import { SharedAlbum, type SharedOne } from './shared-album';

const comparisons = JSON.parse(document.getElementById('comparisons')!.textContent!) as SharedOne[];

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark', dark.matches);
dark.addEventListener('change', follow);
follow();

createRoot(document.getElementById('page')!).render(<SharedAlbum comparisons={comparisons} />);
