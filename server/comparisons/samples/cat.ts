/** A ginger cat lies on a sofa: what pocket has hardly been shown, and so gets wrong. */
export const cat = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480" viewBox="0 0 640 480">
  <defs>
  <linearGradient id="wall" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#e9dfce"/><stop offset="1" stop-color="#d8cab3"/></linearGradient>
  <linearGradient id="cloth" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#6f8fa3"/><stop offset="1" stop-color="#3e5a6c"/></linearGradient>
  <filter id="soft"><feGaussianBlur stdDeviation="1"/></filter><filter id="far"><feGaussianBlur stdDeviation="6"/></filter>
  <filter id="weave" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.5" numOctaves="2" seed="3" result="n"/>
      <feColorMatrix in="n" values="0 0 0 0 0.1  0 0 0 0 0.15  0 0 0 0 0.2  0 1.2 0 0 -0.55" result="d"/>
      <feComposite in="d" in2="SourceAlpha" operator="in" result="h"/>
      <feMerge><feMergeNode in="SourceGraphic"/><feMergeNode in="h"/></feMerge></filter>
  <filter id="fur" x="-0.05" y="-0.05" width="1.1" height="1.1"><feTurbulence type="fractalNoise" baseFrequency="0.1 0.35" numOctaves="3" seed="6" result="n"/>
      <feColorMatrix in="n" values="0 0 0 0 0.45  0 0 0 0 0.2  0 0 0 0 0.05  0 1.5 0 0 -0.6" result="d"/>
      <feComposite in="d" in2="SourceAlpha" operator="in" result="h"/>
      <feMerge><feMergeNode in="SourceGraphic"/><feMergeNode in="h"/></feMerge></filter>
  </defs>
  <rect width="640" height="480" fill="url(#wall)"/>
  <g filter="url(#weave)">
    <path d="M40 190 Q60 130 140 130 H500 Q580 130 600 190 V420 H40 Z" fill="url(#cloth)"/>
    <path d="M0 260 Q10 220 60 226 Q96 236 96 290 V440 H0 Z M640 260 Q630 220 580 226 Q544 236 544 290 V440 H640 Z" fill="#56778b"/>
    <path d="M90 310 Q320 290 550 310 V420 H90 Z" fill="#7d9cb0"/></g>
  <ellipse cx="320" cy="398" rx="190" ry="14" fill="#1f303b" opacity="0.5" filter="url(#far)"/>
  <g filter="url(#fur)">
  <path d="M470 380 Q540 370 540 320 Q538 296 522 300 Q512 306 518 324 Q516 346 460 352 Z" fill="#d98436"/>
  <path d="M180 380 Q170 300 250 276 Q360 250 440 290 Q500 320 484 384 Q430 404 300 402 Q200 402 180 380 Z" fill="#e0903f"/>
  <path d="M196 396 Q176 396 172 384 Q176 372 200 374 H280 Q290 390 276 398 Z" fill="#eda85c"/>
  <path d="M160 250 L150 178 Q152 168 162 174 L206 204 Q232 196 258 204 L300 172 Q310 166 312 178 L304 250 Q310 310 232 318 Q154 310 160 250 Z" fill="#e0903f"/>
  <path d="M300 300 Q330 330 322 380 M360 286 Q386 320 380 384 M418 296 Q442 330 436 382" stroke="#b8651f" stroke-width="12" fill="none"/>
  <path d="M218 206 V236 M232 203 V240 M246 206 V236" stroke="#b8651f" stroke-width="6"/>
  </g>
  <path d="M164 190 L192 206 Q176 216 170 230 Z M300 188 L272 206 Q288 216 292 230 Z" fill="#e8a9a0"/>
  <path d="M200 282 Q232 266 264 282 Q262 310 232 312 Q202 310 200 282 Z" fill="#f7e3c8" filter="url(#soft)"/>
  <ellipse cx="200" cy="252" rx="15" ry="13" fill="#b7c94a"/><ellipse cx="200" cy="252" rx="4.5" ry="12" fill="#14110c"/><ellipse cx="264" cy="252" rx="15" ry="13" fill="#b7c94a"/><ellipse cx="264" cy="252" rx="4.5" ry="12" fill="#14110c"/>
  <path d="M224 276 H240 L232 286 Z" fill="#c86a62"/><path d="M232 286 V294 M232 294 Q222 304 212 296 M232 294 Q242 304 252 296" stroke="#7a3b22" stroke-width="2.5" fill="none"/>
  <path d="M206 290 L140 280 M206 296 L140 300 M258 290 L326 280 M258 296 L326 300" stroke="#fff6e8" stroke-width="1.6"/>
</svg>`;
