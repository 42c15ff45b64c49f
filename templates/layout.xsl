<?xml version="1.0" encoding="UTF-8"?>
<!-- The frame of every page. A page's stylesheet supplies mode "content". -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:include href="parts/notice.xsl"/>
<xsl:include href="parts/error.xsl"/>
<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>

<xsl:template match="/page">
<html lang="en">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="robots" content="noindex, nofollow"/>
<title><xsl:apply-templates select="." mode="title"/></title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg"/>
<link rel="stylesheet" href="/assets/strongroom.css"/>
</head>
<body id="page-{@name}">
<a class="skip" href="#main">Skip to content</a>
<header class="site-header">
<div class="bar">
<a class="wordmark" href="/"><img src="/assets/favicon.svg" alt="" width="28" height="28"/><span>Strongroom</span></a>
<xsl:apply-templates select="visitor"/>
</div>
</header>
<main id="main" tabindex="-1">
<xsl:apply-templates select="alert"/>
<xsl:apply-templates select="notice"/>
<xsl:apply-templates select="." mode="content"/>
</main>
<footer class="site-footer">
<p>Strongroom keeps values sealed; no page shows one. <a href="/errors">Error catalogue</a></p>
<p class="correlation">Correlation id <code id="correlation-id"><xsl:value-of select="@correlation-id"/></code></p>
</footer>
</body>
</html>
</xsl:template>

<xsl:template match="page" mode="title"><xsl:value-of select="@title"/> – Strongroom</xsl:template>
<xsl:template match="page[@name='front']" mode="title">Strongroom</xsl:template>

<xsl:template match="visitor[@signed-in='yes']">
<nav class="site-nav" aria-label="Site">
<a href="/projects">Projects</a>
<a href="/settings/security">Security</a>
<a href="/settings/security/audit">Audit</a>
<a href="/settings/accounts">Accounts</a>
<span class="who"><span class="visually-hidden">Signed in as </span><a id="visitor-email" href="/settings/account"><xsl:value-of select="@email"/></a><xsl:text> </xsl:text><span class="role"><xsl:value-of select="@role"/></span></span>
<xsl:apply-templates select="." mode="sign-out"/>
</nav>
</xsl:template>

<xsl:template match="visitor[@by-web-server]" mode="sign-out"/>
<xsl:template match="visitor" mode="sign-out">
<form id="logout-form" method="post" action="/logout">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<button type="submit" class="quiet">Sign out</button>
</form>
</xsl:template>

<xsl:template match="visitor">
<nav class="site-nav" aria-label="Site"><a href="/login">Sign in</a></nav>
</xsl:template>
</xsl:stylesheet>
