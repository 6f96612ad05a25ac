// The script of a comparison that is one HTML file (server/history/share-file.ts): draws every view from the data in the file.
import { createRoot } from 'react-dom/client';
import '../views/theme.css';
import '../views/views.css';
import './file.css';
import './shared.css';
import { type Shared, SharedComparison } from './shared-comparison';

const { shared, picture } = JSON.parse(document.getElementById('comparison')!.textContent!) as { shared: Shared; picture?: string };

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark', dark.matches);
dark.addEventListener('change', follow);
follow();

createRoot(document.getElementById('page')!).render(<SharedComparison shared={shared} picture={picture} />);
