import { startS3Server } from '@hakiri/testing/s3-server';
for (let i=0;i<12;i++){ const t=performance.now(); const s=await startS3Server(); console.error(i, Math.round(performance.now()-t)); await s.stop(); }
