/** Somebody in a red jacket skis down a slope before mountains. */
export const skier = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480" viewBox="0 0 640 480">
  <defs>
  <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#2f6fc0"/><stop offset="1" stop-color="#a9cdea"/></linearGradient>
  <linearGradient id="snow" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fbfdff"/><stop offset="1" stop-color="#d3e1ee"/></linearGradient>
  <filter id="soft"><feGaussianBlur stdDeviation="1.1"/></filter>
  <filter id="rough" x="-0.1" y="-0.1" width="1.2" height="1.2"><feTurbulence type="fractalNoise" baseFrequency="0.03" numOctaves="4" seed="2"/><feDisplacementMap in="SourceGraphic" scale="26"/></filter>
  <filter id="grain" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.02 0.06" numOctaves="4" seed="5"/><feColorMatrix values="0 0 0 0 0.55  0 0 0 0 0.66  0 0 0 0 0.8  0 1.2 0 0 -0.5"/></filter>
  <filter id="spray" x="-0.2" y="-0.2" width="1.4" height="1.4"><feTurbulence type="fractalNoise" baseFrequency="0.08" numOctaves="3" seed="8"/><feDisplacementMap in="SourceGraphic" scale="45"/><feGaussianBlur stdDeviation="2.5"/></filter>
  </defs>
  <rect width="640" height="480" fill="url(#sky)"/>
  <g filter="url(#rough)"><path d="M-20 240 L90 130 L170 190 L270 90 L380 200 L470 130 L560 210 L660 150 V330 H-20 Z" fill="#8fa6bd"/>
  <path d="M270 90 L310 130 L285 150 L260 128 L235 145 Z M90 130 L120 160 L92 172 L70 158 Z M470 130 L500 160 L474 168 L450 155 Z" fill="#f6fafd"/></g>
  <path d="M0 250 Q200 220 400 280 Q540 320 640 330 V480 H0 Z" fill="url(#snow)"/>
  <rect y="230" width="640" height="250" filter="url(#grain)" opacity="0.45"/>
  <g filter="url(#spray)" fill="#ffffff"><path d="M180 400 Q230 350 320 378 Q260 410 150 430 Z"/><path d="M120 420 Q180 380 240 395 Q180 430 90 440 Z" opacity="0.8"/></g>
  <path d="M60 300 Q200 320 330 395" stroke="#b6c8da" stroke-width="5" fill="none"/><path d="M50 312 Q190 332 318 404" stroke="#b6c8da" stroke-width="4" fill="none"/>
  <g filter="url(#soft)">
  <path d="M262 396 L452 420 Q466 420 470 410" stroke="#c22" stroke-width="6" fill="none"/><path d="M282 378 L462 402 Q474 402 478 392" stroke="#c22" stroke-width="6" fill="none"/>
  <path d="M330 396 Q318 356 344 330 L372 338 Q352 362 356 400 Z" fill="#20242c"/>
  <path d="M384 396 Q392 362 366 332 L340 336 Q364 362 364 394 Z" fill="#2a2f39"/>
  <path d="M332 342 Q322 300 346 268 Q372 252 392 272 Q402 300 386 342 Q358 354 332 342 Z" fill="#d6312b"/>
  <path d="M344 280 Q318 300 310 330 Q306 338 314 340 L322 338 Q330 314 354 302 Z" fill="#c02924"/>
  <path d="M388 280 Q416 300 424 322 Q426 330 418 332 L410 330 Q404 314 380 304 Z" fill="#c02924"/>
  <path d="M314 334 L268 404 M420 328 L444 410" stroke="#3b4048" stroke-width="3.5"/>
  <circle cx="374" cy="246" r="19" fill="#e9c1a0"/><path d="M354 246 Q352 222 376 222 Q396 224 394 244 L388 240 Q372 232 356 250 Z" fill="#1d2027"/><path d="M364 244 L394 242 L394 252 Q380 258 364 252 Z" fill="#e8992c"/>
  </g>
</svg>`;
